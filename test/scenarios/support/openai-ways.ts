// The ways of a client of OpenAI's dialect through the gateway: its routes, and providers that speak the dialect or not.
import OpenAI from "openai";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { BASE } from "./house.ts";

export interface Way {
  readonly name: string;
  readonly base: string;
  readonly model: string;
  readonly player: "openai" | "azure" | "anthropic";
  /** The route adds the gateway's own fields. */
  readonly unified: boolean;
}

export const CLAUDE = "claude-3-5-sonnet-20241022";
export const WAYS: readonly Way[] = [
  { name: "openai on /v1", base: "/v1", model: "openai/gpt-4o", player: "openai", unified: true },
  { name: "openai on /openai", base: "/openai", model: "gpt-4o", player: "openai", unified: false },
  { name: "openai on /openai/v1", base: "/openai/v1", model: "gpt-4o", player: "openai", unified: false },
  { name: "azure on /v1", base: "/v1", model: "azure/gpt-4o", player: "azure", unified: true },
  { name: "anthropic on /v1", base: "/v1", model: `anthropic/${CLAUDE}`, player: "anthropic", unified: true },
  {
    name: "anthropic on /openai/v1",
    base: "/openai/v1",
    model: `anthropic/${CLAUDE}`,
    player: "anthropic",
    unified: false,
  },
];

export const user = (content: string): ChatCompletionMessageParam[] => [{ role: "user", content }];

export function clientOf(way: Pick<Way, "base">): OpenAI {
  return new OpenAI({ apiKey: "unused", baseURL: BASE + way.base, maxRetries: 0 });
}
