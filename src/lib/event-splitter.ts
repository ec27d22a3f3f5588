// What cuts a stream into events, whatever frames it has: server-sent events, or the binary frames of AWS.

/** A cursor over whole events: `feed` a chunk, then `next` until it is false. */
export interface EventSplitter {
  /** 0: a block without data. */
  readonly dataLines: number;
  /** Nothing more is taken: an event is longer than the limit, or its frame is damaged. */
  readonly tooLong: boolean;
  feed(chunk: Buffer): void;
  next(): boolean;
  /** The stream has ended: true when it left one more event. */
  finish(): boolean;
  /** The name of the event; empty where it has none. */
  name(): string;
  data(): string;
}

/** The same with the bytes of each event, for streams that go through as they are. They hold until the next `feed`. */
export interface RawSplitter extends EventSplitter {
  readonly bytes: Buffer;
  /** The whole event with its frame: bytes[eventStart, eventEnd). */
  readonly eventStart: number;
  readonly eventEnd: number;
  /** Its data: bytes[dataStart, dataEnd). */
  readonly dataStart: number;
  readonly dataEnd: number;
  /** -1: the event has no name. */
  readonly nameStart: number;
  /** Where the next event begins when nothing of it was looked at; -1: it cannot be stepped over. */
  readonly boundary: number;
  /** Goes on at `to`, which must be a boundary. */
  jump(to: number): void;
}
