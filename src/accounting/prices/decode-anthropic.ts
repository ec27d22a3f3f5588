// The usage of Anthropic's Messages API, where what was read from and written to the cache is beside the input.
import type { RawUsage } from "../../core/usage.ts";
import { inner, isObject, type Json, Report, tierOf } from "./report.ts";

/** Written tokens by how long they are kept; without the details they are kept five minutes. */
function addWrites(report: Report, usage: Json): void {
  const split = inner(usage, "cache_creation");
  const short = report.tokens(split, "ephemeral_5m_input_tokens");
  const long = report.tokens(split, "ephemeral_1h_input_tokens");
  const total = report.tokens(usage, "cache_creation_input_tokens");
  report.add("cache_write_1h", long);
  // a part without a kind is the default kind
  report.add("cache_write_5m", short + Math.max(0, total - short - long));
}

/** The usage object of a message; of a stream, what message_start said with what message_delta said over it. */
export function decodeMessagesUsage(value: unknown): RawUsage {
  const report = new Report();
  if (!isObject(value)) return report.usage;
  report.tier = value["speed"] === "fast" ? "fast" : tierOf(value["service_tier"]);
  const region = value["inference_geo"];
  report.region = typeof region === "string" && /^[a-z]{2,16}$/.test(region) && region !== "global" ? region : null;
  report.add("input", report.tokens(value, "input_tokens"));
  report.add("cached_input", report.tokens(value, "cache_read_input_tokens"));
  addWrites(report, value);
  const output = report.tokens(value, "output_tokens");
  const thinking = report.part(inner(value, "output_tokens_details"), "thinking_tokens", output);
  report.add("output", output - thinking);
  report.add("reasoning", thinking);
  report.add("web_search", report.amount(inner(value, "server_tool_use"), "web_search_requests"));
  return report.usage;
}
