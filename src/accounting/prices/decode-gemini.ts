// The usage of Gemini's API, where thoughts are beside the answer and each kind of content is listed.
import type { RawUsage } from "../../core/usage.ts";
import { isObject, type Json, Report, tierOf } from "./report.ts";

export interface GeminiFacts {
  /** `groundingMetadata` of the candidates: its searches are charged. */
  readonly grounding?: readonly unknown[];
}

type Modality = "text" | "audio" | "image" | "video";
type Split = Record<Modality, number>;

/** Tokens by kind of content; what the list does not tell is text. Documents are charged as text is. */
function splitOf(report: Report, usage: Json, name: string, total: number): Split {
  const split: Split = { text: 0, audio: 0, image: 0, video: 0 };
  const list = usage[name];
  let left = total;
  for (const item of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    if (!isObject(item)) continue;
    const count = report.part(item, "tokenCount", left);
    const told = String(item["modality"]).toLowerCase();
    const modality: Modality = told === "audio" || told === "image" || told === "video" ? told : "text";
    split[modality] += count;
    left -= count;
  }
  split.text += left;
  return split;
}

function addSearches(report: Report, grounding: readonly unknown[]): void {
  for (const metadata of grounding) {
    const queries = isObject(metadata) ? metadata["webSearchQueries"] : undefined;
    // an empty query is not charged
    if (Array.isArray(queries)) report.add("web_search", queries.filter((query) => query !== "").length);
  }
}

/** `usageMetadata` of an answer; of a stream, the last one. */
export function decodeGeminiUsage(value: unknown, facts: GeminiFacts = {}): RawUsage {
  const report = new Report();
  addSearches(report, facts.grounding ?? []);
  if (!isObject(value)) return report.usage;
  report.tier = tierOf(value["serviceTier"] ?? value["trafficType"]);
  const total = report.tokens(value, "promptTokenCount");
  const prompt = splitOf(report, value, "promptTokensDetails", total);
  const cached = splitOf(report, value, "cacheTokensDetails", report.part(value, "cachedContentTokenCount", total));
  const fromCache = (modality: Modality): number => Math.min(cached[modality], prompt[modality]);
  // results of tools come in as input
  report.add("input", prompt.text - fromCache("text") + report.tokens(value, "toolUsePromptTokenCount"));
  report.add("input_audio", prompt.audio - fromCache("audio"));
  report.add("input_image", prompt.image - fromCache("image"));
  report.add("input_video", prompt.video - fromCache("video"));
  report.add("cached_audio", fromCache("audio"));
  report.add("cached_image", fromCache("image"));
  report.add("cached_input", fromCache("text") + fromCache("video"));
  const answer = splitOf(report, value, "candidatesTokensDetails", report.tokens(value, "candidatesTokenCount"));
  report.add("output", answer.text);
  report.add("output_audio", answer.audio);
  report.add("output_image", answer.image);
  report.add("output_video", answer.video);
  report.add("reasoning", report.tokens(value, "thoughtsTokenCount"));
  return report.usage;
}
