// Whether the gateway answers: calls tell it, and while it does not, it is asked until it does.
import { signal } from "@preact/signals";

/** False: the last call found nobody; the banner is shown. */
export const isConnected = signal(true);

/** Rises when the gateway is back: what is shown is asked for anew. */
export const comebacks = signal(0);

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8_000;
let wait = 0;
let timer = 0;

/** A call found nobody. */
export function lost(): void {
  if (!isConnected.peek()) return;
  isConnected.value = false;
  wait = FIRST_WAIT;
  timer = window.setTimeout(probe, wait);
}

/** A call was answered, with whatever status. */
export function reached(): void {
  if (isConnected.peek()) return;
  window.clearTimeout(timer);
  isConnected.value = true;
  comebacks.value++;
}

/** Asks at once. */
export function probeNow(): void {
  window.clearTimeout(timer);
  void probe();
}

async function probe(): Promise<void> {
  try {
    await fetch("/health", { cache: "no-store" });
    reached();
  } catch {
    wait = Math.min(LONGEST_WAIT, wait * 1.7);
    timer = window.setTimeout(probe, wait);
  }
}

addEventListener("online", probeNow);
addEventListener("offline", lost);
