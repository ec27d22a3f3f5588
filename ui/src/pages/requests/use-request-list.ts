// Keeps one list for the filters in the address, and draws it at most once a frame.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { comebacks } from "../../api/connection.ts";
import { liveRequests, liveState, onLive } from "../../api/live-store.ts";
import { useLive } from "../../api/live-stream.ts";
import { place } from "../../lib/router.ts";
import { type Chosen, chosenOf, logQuery } from "./filters.ts";
import { RequestList } from "./request-list.ts";

export const DEFAULT_PERIOD = "24h";
/** ms after the stream has opened; by then the log holds what ended before. */
const CATCH_UP = 2_000;

export interface ListView {
  readonly list: RequestList;
  /** Filters and time as the log takes them. */
  readonly query: string;
  readonly chosen: readonly Chosen[];
  /** The range has no end: what happens now belongs to it. */
  readonly isLive: boolean;
  /** Begins anew. */
  reload(): void;
}

export function useRequestList(): ListView {
  useLive();
  const { query: address } = place.value;
  const query = logQuery(address, DEFAULT_PERIOD).toString();
  const isLive = (address.get("end_time") ?? "") === "";
  const [round, setRound] = useState(0);
  const [, draw] = useState(0);
  const frame = useRef(0);
  const chosen = useMemo(() => chosenOf(address), [query]);
  const list = useMemo(() => {
    const tell = (): void => {
      if (frame.current !== 0) return;
      frame.current = requestAnimationFrame(() => {
        frame.current = 0;
        draw((count) => count + 1);
      });
    };
    return new RequestList({ query, chosen, isLive, known: liveRequests.peek(), tell });
  }, [query, round]);

  useEffect(() => {
    list.start();
    const stop = onLive((events) => list.takeLive(events));
    let seen = comebacks.peek();
    const stopLooking = comebacks.subscribe((count) => {
      if (count !== seen) void (list.isReady ? list.lookAgain() : list.more());
      seen = count;
    });
    // what ended between the first page and the opening of the stream was told by neither
    let looking = 0;
    const stopWaiting = liveState.subscribe((state) => {
      if (state !== "open" || looking !== 0) return;
      looking = window.setTimeout(() => void list.lookAgain(), CATCH_UP);
    });
    return () => {
      stop();
      stopLooking();
      stopWaiting();
      window.clearTimeout(looking);
      list.stop();
    };
  }, [list]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return { list, query, chosen, isLive, reload: () => setRound(round + 1) };
}
