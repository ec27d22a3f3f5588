// A request as the door hands it to the house, and where its connection comes from.
import type { Socket } from "node:net";
import type { Body, HeaderView, InboundRequest, Peer } from "../core/http.ts";

/** One whole request. */
export class DoorRequest implements InboundRequest {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderView;
  readonly body: Body;
  readonly peer: Peer;

  constructor(method: string, target: string, headers: HeaderView, body: Body, peer: Peer) {
    const mark = target.indexOf("?");
    this.method = method;
    this.target = target;
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? "" : target.slice(mark + 1);
    this.headers = headers;
    this.body = body;
    this.peer = peer;
  }
}

/** The path of a target. */
export function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}

/** The other end of a socket; an IPv4 address that came by way of IPv6 is told as IPv4. */
export function peerOf(socket: Socket): Peer {
  const raw = socket.remoteAddress ?? "";
  const address = raw.startsWith("::ffff:") ? raw.slice(7) : raw;
  return { address, loopback: address.startsWith("127.") || address === "::1", secure: false };
}
