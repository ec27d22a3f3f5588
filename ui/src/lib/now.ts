// The time that is shown: one clock for all relative times, and the zone that the reader chose.
import { signal } from "@preact/signals";

/** Unix ms; moves on while the page is seen. */
export const now = signal(Date.now());
const EVERY = 5_000;

window.setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now();
}, EVERY);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") now.value = Date.now();
});

const KEY = "drawbridge.zone";

function stored(): "utc" | "local" {
  try {
    return localStorage.getItem(KEY) === "utc" ? "utc" : "local";
  } catch {
    return "local";
  }
}

/** In which absolute times are told. */
export const zone = signal<"utc" | "local">(stored());

export function setZone(chosen: "utc" | "local"): void {
  zone.value = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // it lasts as long as this page
  }
}
