// What lies over the page now, for whoever opens or closes it.
import { signal } from "@preact/signals";

export const overlay = signal<"none" | "commands" | "help">("none");

export function closeOverlay(): void {
  overlay.value = "none";
}
