// Takes an accepted connection over so that all connections read into one shared buffer instead of a fresh one per read.
import { Socket } from "node:net";

/** One read brings at most so much; larger buffers make the system copy more than the caches hold. */
export const READ_BYTES = 64 * 1024;

/** What a socket's handle is to us: something to make another socket of. */
interface Accepted {
  _handle?: object | null;
}

/**
 * Node gives every read of an accepted socket 64 KB of memory of its own. That memory is external to the heap, and each
 * 64 MB of it let V8 mark the whole heap: with 100 KB prompts a quarter of all CPU. `net.connect` takes `onread`,
 * `createServer` ignores it, but a socket made of the accepted handle takes it too. `onBytes` gets a view that holds only
 * until it returns. The server must have been made with `pauseOnConnect`. Without a handle (no such field in this runtime)
 * the socket stays as it is.
 */
export function adopt(accepted: Socket, buffer: Buffer, onBytes: (bytes: Buffer) => void): Socket {
  const owner = accepted as Accepted;
  // oxlint-disable-next-line no-underscore-dangle -- Node's own name
  const handle = owner._handle;
  if (handle === null || handle === undefined) {
    accepted.on("data", onBytes);
    accepted.resume();
    return accepted;
  }
  const onread = {
    buffer,
    callback: (length: number, bytes: Uint8Array): boolean => {
      onBytes((bytes as Buffer).subarray(0, length));
      return true;
    },
  };
  // The types know `handle` only by its use inside Node.
  const options = { handle, onread } as ConstructorParameters<typeof Socket>[0];
  // oxlint-disable-next-line no-underscore-dangle
  owner._handle = null;
  accepted.destroy(); // without its handle: only the server's count of connections goes down
  return new Socket(options);
}
