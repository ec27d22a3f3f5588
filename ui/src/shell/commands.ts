// What the command menu offers besides pages: pages register what can be done while they are shown.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { IconName } from "../parts/icon.tsx";

export interface Command {
  readonly id: string;
  /** A verb and its object: `Create a virtual key`. */
  readonly title: string;
  readonly group: string;
  readonly icon: IconName;
  /** Behind the title, in grey. */
  readonly hint?: string;
  /** Keys that do the same. */
  readonly keys?: string;
  run(): unknown;
}

/** Of the pages that are shown. */
export const registered = signal<readonly Command[]>([]);

/** Offers these while the component is shown. `when`: what they depend on. */
export function useCommands(commands: readonly Command[], when: readonly unknown[] = []): void {
  useEffect(() => {
    registered.value = [...registered.peek(), ...commands];
    return () => {
      registered.value = registered.peek().filter((one) => !commands.includes(one));
    };
  }, when);
}
