// What a test of a key told.
import { duration, plural } from "../../lib/format.ts";
import { Note } from "../../parts/status.tsx";
import type { TestResult } from "./types.ts";

const SHOWN = 6;

/** `result`: a text where the test itself was refused. */
export function TestWords({ result, provider }: { readonly result: TestResult | string; readonly provider: string }) {
  if (typeof result === "string") return <Note tone="bad">The test was not made: {result}</Note>;
  if (!result.ok)
    return (
      <Note tone="bad">
        <span class="strong">{result.error?.what ?? "The test failed"}</span> {result.error?.why}{" "}
        <span class="soft">{result.error?.what_to_do}</span>
      </Note>
    );
  const few = result.models.slice(0, SHOWN).join(", ");
  return (
    <Note tone="good">
      <span class="strong">
        {provider} answered in {duration(result.latency_ms)}
        {result.key_proven ? " and took the key." : "."}
      </span>{" "}
      {result.model_count > 0 && (
        <span class="soft">
          {plural(result.model_count, "model")}: {few}
          {result.model_count > SHOWN && " …"}
        </span>
      )}
    </Note>
  );
}
