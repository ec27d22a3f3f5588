// By which beginnings a pasted key is recognised, and which providers list their models to everybody.

/** Beginning of a key → providers that give such keys; a longer beginning wins over a shorter one. */
const BEGINNINGS: Readonly<Record<string, readonly string[]>> = {
  "sk-ant-": ["anthropic"],
  "sk-proj-": ["openai"],
  "sk-svcacct-": ["openai"],
  "sk-admin-": ["openai"],
  "sk-or-": ["openrouter"],
  // the plain form is older OpenAI, and what many others give too
  "sk-": ["openai", "deepseek", "moonshot", "qwen", "minimax", "opencode-zen", "opencode-go"],
  gsk_: ["groq"],
  "xai-": ["xai"],
  "pplx-": ["perplexity"],
  "csk-": ["cerebras"],
  fw_: ["fireworks"],
  hf_: ["huggingface"],
  "nvapi-": ["nvidia"],
  tgp_v1_: ["together"],
  AIza: ["gemini"],
};

/** A list of models from these says nothing of the key: they give it to everybody. */
const OPEN_LISTS: ReadonlySet<string> = new Set(["openrouter", "huggingface", "nvidia", "demo"]);

/** Beginnings of the keys of a provider, the longest first. */
export function beginningsOf(provider: string): string[] {
  return Object.keys(BEGINNINGS)
    .filter((beginning) => BEGINNINGS[beginning]?.includes(provider))
    .sort((a, b) => b.length - a.length);
}

/** Whether a list of models proves that the key is good. */
export function provesKey(provider: string): boolean {
  return !OPEN_LISTS.has(provider);
}
