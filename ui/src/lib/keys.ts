// Keys that act anywhere on the page: single letters, sequences such as `g h`, and the ones with Ctrl or ⌘.
import { useEffect, useRef } from "preact/hooks";

/** From a key to what it does: `j`, `?`, `Enter`, `Escape`, `g h`, `mod+k` (⌘ on a Mac, else Ctrl). */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const layers: { current: Keys }[] = [];
const SEQUENCE_MS = 900;
let first = "";
let firstAt = 0;

/** A name for the help: `⌘ K` on a Mac, else `Ctrl K`. */
export const modName = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";

/** Takes part while the component is shown; the youngest layer that knows a key has it. */
export function useKeys(keys: Keys, isOn = true): void {
  const layer = useRef(keys);
  layer.current = keys;
  useEffect(() => {
    if (!isOn) return;
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, [isOn]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Enter and Space belong to the control that has the focus. */
function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest("button, a[href], summary, [role=slider], [role=tab]") !== null
  );
}

function find(key: string): ((event: KeyboardEvent) => void) | undefined {
  for (let index = layers.length - 1; index >= 0; index--) {
    const action = layers[index]?.current[key];
    if (action !== undefined) return action;
  }
  return undefined;
}

function nameOf(event: KeyboardEvent): string | null {
  const mod = event.metaKey || event.ctrlKey;
  if (event.altKey && !mod) return null;
  return mod ? `mod+${event.key.toLowerCase()}` : event.key;
}

/** Listens once for the whole page. */
export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = nameOf(event);
    if (key === null) return;
    const isPlain = !key.startsWith("mod+");
    if (isPlain && (isTyping(event.target) || document.querySelector("dialog[open]") !== null)) return;
    if ((key === "Enter" || key === " ") && isControl(event.target)) return;
    const isQuick = first !== "" && event.timeStamp - firstAt < SEQUENCE_MS;
    const sequence = isQuick ? find(`${first} ${key}`) : undefined;
    const action = sequence ?? find(key);
    first = isPlain && sequence === undefined ? key : "";
    firstAt = event.timeStamp;
    if (action === undefined) return;
    event.preventDefault();
    action(event);
  });
}
