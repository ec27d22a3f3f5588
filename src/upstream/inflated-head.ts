// The headers of an answer that the door inflates: without the fields that spoke of the compressed bytes.
import type { HeaderView } from "../core/http.ts";

const HIDDEN: ReadonlySet<string> = new Set(["content-encoding", "content-length"]);

/** A view over another one. */
export class InflatedHead implements HeaderView {
  private readonly whole: HeaderView;

  constructor(whole: HeaderView) {
    this.whole = whole;
  }

  get(name: string): string | undefined {
    return HIDDEN.has(name) ? undefined : this.whole.get(name);
  }

  entries(): [string, string][] {
    return this.whole.entries().filter(([name]) => !HIDDEN.has(name));
  }

  hasPrefix(prefix: string): boolean {
    return this.entries().some(([name]) => name.startsWith(prefix));
  }
}
