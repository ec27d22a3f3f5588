// Asks a proxy for a tunnel (CONNECT) on a fresh connection and reads its answer.
import type { Socket } from "node:net";
import { ANSWER_LIMITS, findHeadEnd, Head } from "../lib/http1/head.ts";
import { type ProxyHop, type Route, tunnelTarget } from "./route.ts";

const NOTHING = Buffer.alloc(0);

/** Calls `done` once: with null when the tunnel stands, with the reason when the proxy refused. Errors of the socket are the caller's. */
export function openTunnel(
  socket: Socket,
  route: Route,
  proxy: ProxyHop,
  done: (refusal: string | null) => void,
): void {
  let received = NOTHING;
  const finish = (refusal: string | null): void => {
    socket.off("data", onData);
    socket.pause();
    done(refusal);
  };
  const onData = (bytes: Buffer): void => {
    received = Buffer.concat([received, bytes]);
    const verdict = readVerdict(received);
    if (verdict !== undefined) finish(verdict);
  };
  socket.on("data", onData);
  socket.write(connectRequest(route, proxy), "latin1");
}

function connectRequest(route: Route, proxy: ProxyHop): string {
  const target = tunnelTarget(route);
  const authorization = proxy.authorization === null ? "" : `proxy-authorization: ${proxy.authorization}\r\n`;
  return `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${authorization}\r\n`;
}

/** Null: the tunnel stands; a text: refused; undefined: not said yet. Interim answers are skipped within the bound of one head. */
function readVerdict(bytes: Buffer): string | null | undefined {
  const head = new Head(ANSWER_LIMITS);
  for (let at = 0; ; at = head.end) {
    const end = findHeadEnd(bytes, at);
    if (end < 0) return bytes.length > ANSWER_LIMITS.maxBytes ? "the proxy's answer is too large" : undefined;
    if (!head.readResponse(bytes, at, end)) return `the proxy's answer is malformed: ${head.error?.reason ?? ""}`;
    if (head.status >= 300) return `the proxy answered CONNECT with ${head.status}`;
    if (head.status < 200) continue;
    // A TLS server waits for its client: whatever comes now is not from it.
    return end < bytes.length ? "the proxy sent bytes behind its answer to CONNECT" : null;
  }
}
