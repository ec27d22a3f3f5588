// Puts together the head of an outbound request: the caller's header lines and the few that are the door's.
import type { OutboundCall } from "../core/http.ts";
import { totalLength } from "../lib/http1/write.ts";
import type { Route } from "./route.ts";

const TARGET = /^\/[\x21-\x7e]*$/;
const METHOD = /^[A-Z]+$/;
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);

/** Throws a TypeError on a method or path that would not stay on its line: such a call must not be made at all. */
export function checkRequestLine(method: string, path: string): void {
  if (!METHOD.test(method) || !TARGET.test(path)) throw new TypeError("the method or path of a call is malformed");
}

/** The head as latin1 text, blank line included. */
export function encodeRequestHead(route: Route, request: OutboundCall): string {
  const { method, path, headers } = request;
  const length = totalLength(request.body);
  const hasLength = length > 0 || !BODILESS.has(method);
  const target = isForwarded(route) ? `http://${route.authority}${path}` : path;
  const framing = hasLength ? `content-length: ${length}\r\n` : "";
  return `${method} ${target} HTTP/1.1\r\nhost: ${route.authority}\r\n${proxyLines(route)}${headers}accept-encoding: identity\r\n${framing}\r\n`;
}

/** The proxy itself takes the request and passes it on; there is no tunnel. */
function isForwarded(route: Route): boolean {
  return route.proxy !== null && !route.secure;
}

function proxyLines(route: Route): string {
  const authorization = route.proxy?.authorization ?? null;
  return isForwarded(route) && authorization !== null ? `proxy-authorization: ${authorization}\r\n` : "";
}
