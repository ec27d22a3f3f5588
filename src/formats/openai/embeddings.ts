// Looks at an answer to an embeddings request in its bytes, to pass it on or to refuse it.
import type { AnswerView } from "../../core/formats.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import { answer, FIELDS, LIST, refuse } from "./inspect.ts";

const embeddingsScan = new JsonScan([...FIELDS, "data"], { array: "data", fields: ["object", "embedding"] });

/** Looks at an answer to an embeddings request. */
export function inspectEmbeddings(bytes: Buffer): AnswerView {
  const scan = embeddingsScan;
  const refused = refuse(bytes, scan);
  if (refused !== null) return refused;
  if (scan.types[LIST] !== JSON_TYPE.array || scan.itemCount === 0)
    return { type: "invalid", reason: "the answer has no data" };
  if (scan.nonObject >= 0 || scan.itemTypes[1] === JSON_TYPE.absent)
    return { type: "invalid", reason: "an entry of the answer has no embedding" };
  return answer(bytes, scan, null);
}
