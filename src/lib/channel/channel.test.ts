// What every channel must do, run against the ends in one thread, on message ports and to a worker thread.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MessageChannel } from "node:worker_threads";
import type { Channel } from "../../core/channel.ts";
import { memoryChannel } from "./memory-channel.ts";
import { portChannel } from "./port-channel.ts";
import { startWorker } from "./worker-channel.ts";

interface Message {
  readonly n?: number;
  readonly buffer?: ArrayBuffer;
  readonly text?: string;
}
type End = Channel<Message, Message>;

/** An end whose other side echoes every message and closes when it reads `close`. */
interface Fixture {
  readonly end: End;
  release(): void;
}

function echo(end: End): void {
  end.onMessage((message) => {
    if (message.text === "close") end.close();
    else end.send(message, message.buffer === undefined ? [] : [message.buffer]);
  });
}

const ECHO_THREAD = new URL("./fixtures/echo-thread.ts", import.meta.url);
const fixtures = {
  memory(): Fixture {
    const [end, other] = memoryChannel<Message, Message>();
    echo(other);
    return { end, release: () => end.close() };
  },
  "message port"(): Fixture {
    const { port1, port2 } = new MessageChannel();
    echo(portChannel<Message, Message>(port2));
    const end = portChannel<Message, Message>(port1);
    return { end, release: () => end.close() };
  },
  "worker thread"(): Fixture {
    const end = startWorker<Message, Message>(ECHO_THREAD, { name: "echo", data: "seed", onError: () => {} });
    return { end, release: () => end.close() };
  },
};

function collect(end: End, count: number): Promise<Message[]> {
  return new Promise((resolve) => {
    const seen: Message[] = [];
    end.onMessage((message) => {
      seen.push(message);
      if (seen.length === count) resolve(seen);
    });
  });
}

const closed = (end: End): Promise<void> => new Promise((resolve) => end.onClose(resolve));

for (const [name, open] of Object.entries(fixtures)) {
  describe(`the channel by ${name}`, () => {
    it("delivers in the order of sending", async () => {
      const { end, release } = open();
      const answers = collect(end, 100);
      for (let n = 0; n < 100; n++) end.send({ n });
      assert.deepEqual(
        (await answers).map((message) => message.n),
        Array.from({ length: 100 }, (_, n) => n),
      );
      release();
    });

    it("gives a transferred buffer away and back", async () => {
      const { end, release } = open();
      const answers = collect(end, 1);
      const buffer = new Uint8Array([1, 2, 3]).buffer;
      end.send({ buffer }, [buffer]);
      assert.equal(buffer.byteLength, 0, "the sender no longer holds it");
      const [answer] = await answers;
      assert.deepEqual([...new Uint8Array(answer?.buffer ?? new ArrayBuffer())], [1, 2, 3]);
      release();
    });

    it("keeps what arrived before anybody listened", async () => {
      const { end, release } = open();
      end.send({ n: 1 });
      end.send({ n: 2 });
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.deepEqual(await collect(end, 2), [{ n: 1 }, { n: 2 }]);
      release();
    });

    it("tells when the other side is gone, and drops what is sent then", async () => {
      const { end } = open();
      const gone = closed(end);
      end.send({ text: "close" });
      await gone;
      assert.equal(end.send({ n: 1 }), false);
      await closed(end);
      end.close();
    });

    it("is silent after it was closed on this side", async () => {
      const { end } = open();
      end.onMessage(() => assert.fail("a message came after the end was closed"));
      end.onClose(() => assert.fail("the one who closes is not told"));
      end.send({ n: 1 });
      end.close();
      end.close();
      assert.equal(end.send({ n: 2 }), false);
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
  });
}

describe("a worker thread", () => {
  it("finds the data it was started with", async () => {
    const { end, release } = fixtures["worker thread"]();
    const answers = collect(end, 1);
    end.send({ text: "data" });
    assert.deepEqual(await answers, [{ text: "seed" }]);
    release();
  });

  it("that dies of an error tells it, closes the channel and leaves this thread alive", async () => {
    const errors: unknown[] = [];
    const settings = { name: "echo", data: null, onError: (error: unknown) => errors.push(error) };
    const end = startWorker<Message, Message>(ECHO_THREAD, settings);
    const gone = closed(end);
    end.send({ text: "throw" });
    await gone;
    assert.match(String(errors[0]), /thrown in the thread/);
    assert.equal(end.send({ n: 1 }), false);
  });
});
