// The ways of a client of Anthropic's dialect through the gateway: the provider that speaks the dialect, and two that do not.
import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { BASE } from "./house.ts";

export interface AnthropicWay {
  readonly name: string;
  readonly model: string;
  readonly player: "openai" | "azure" | "anthropic";
  /** Name of the provider key. */
  readonly key: string;
}

export const ANTHROPIC_WAYS: readonly AnthropicWay[] = [
  { name: "a bare model", model: "claude-3-5-sonnet-20241022", player: "anthropic", key: "a" },
  { name: "anthropic by name", model: "anthropic/claude-3-5-sonnet-20241022", player: "anthropic", key: "a" },
  { name: "openai, translated", model: "openai/gpt-4o", player: "openai", key: "o" },
  { name: "azure, translated", model: "azure/gpt-4o", player: "azure", key: "z" },
];

export const question = (content: string): MessageParam[] => [{ role: "user", content }];

let version: string | null = null;

/** The anthropic-version that the SDK sent last; each release of it has its own. */
export const sentVersion = (): string | null => version;

export function anthropicClient(): Anthropic {
  return new Anthropic({
    apiKey: "unused",
    baseURL: `${BASE}/anthropic`,
    maxRetries: 0,
    fetch: (url, init) => {
      version = new Headers(init?.headers).get("anthropic-version");
      return fetch(url, init);
    },
  });
}
