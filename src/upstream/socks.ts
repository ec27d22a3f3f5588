// Asks a SOCKS proxy for a connection on a fresh socket: the handshake on its bytes.
import type { Socket } from "node:net";
import type { SocksHop } from "./route.ts";
import { SocksHandshake } from "./socks-handshake.ts";

/**
 * Sends the greeting and returns what takes the socket's bytes until `done` is called, once: with null when the
 * connection stands, with the reason when the proxy refused. Errors of the socket are the caller's.
 */
export function openSocks(
  socket: Socket,
  target: { readonly host: string; readonly port: number },
  hop: SocksHop,
  done: (refusal: string | null) => void,
): (bytes: Buffer) => void {
  const handshake = new SocksHandshake(target.host, target.port, hop.login);
  socket.write(handshake.greeting);
  return (bytes) => {
    const step = handshake.feed(bytes);
    if (step.type === "send") socket.write(step.bytes);
    else if (step.type === "open") done(null);
    else if (step.type === "refused") done(step.reason);
  };
}
