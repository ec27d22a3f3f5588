// The usage of Cohere's APIs: what it bills, and where it says nothing of that, what it counted.
import type { RawUsage } from "../../core/usage.ts";
import { inner, isObject, Report } from "./report.ts";

/** `usage` of a v2 chat, or `meta` of an embedding, a ranking or a v1 chat: both hold `billed_units`. */
export function decodeCohereUsage(value: unknown): RawUsage {
  const report = new Report();
  if (!isObject(value)) return report.usage;
  const billed = inner(value, "billed_units");
  const counted = Object.keys(billed).length > 0 ? billed : inner(value, "tokens");
  const input = report.tokens(counted, "input_tokens");
  const cached = report.part(value, "cached_tokens", input);
  const image = report.part(counted, "image_tokens", input - cached);
  report.add("input", input - cached - image);
  report.add("cached_input", cached);
  report.add("input_image", image);
  report.add("output", report.tokens(counted, "output_tokens"));
  report.add("search_unit", report.amount(counted, "search_units"));
  if (image === 0) report.add("image_in", report.amount(counted, "images"));
  return report.usage;
}
