// A store as the start of the book gets it: with the keyed hash by which contents that hold secrets are compared.
import type { ConfigStore } from "../../core/config-store.ts";

export interface OpenedStore {
  readonly store: ConfigStore;
  fingerprint(text: string): string;
}
