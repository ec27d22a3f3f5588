// What price sheets call the providers, and whose prices hold where a provider has none of its own.

/** Sheet's name → ours. Names that are not here stay as they are. */
const NAMES: Readonly<Record<string, string>> = {
  "text-completion-openai": "openai",
  azure_ai: "azure",
  azure_text: "azure",
  azure_openai: "azure",
  codestral: "mistral",
  "text-completion-codestral": "mistral",
  fireworks_ai: "fireworks",
  together_ai: "together",
  dashscope: "qwen",
  zai: "glm",
  "x-ai": "xai",
  x_ai: "xai",
  moonshotai: "moonshot",
  opencode_go: "opencode-go",
  opencode_zen: "opencode-zen",
  bedrock_converse: "bedrock",
  cohere_chat: "cohere",
  nvidia_nim: "nvidia",
  runwayml: "runway",
  google: "gemini",
  vertex_ai: "vertex",
  vertex_ai_beta: "vertex",
  aws: "bedrock",
};
const FAMILY = /^(vertex_ai|fireworks_ai)-/;

/** Names that may stand before a slash in a sheet's keys, besides those above. */
const OTHERS: ReadonlySet<string> = new Set(
  `openai azure anthropic gemini vertex bedrock bedrock_mantle mistral cohere groq cerebras deepseek xai perplexity openrouter
  fireworks together nebius nvidia huggingface moonshot qwen glm minimax volcengine sarvam ollama vllm sgl replicate runway
  elevenlabs parasail`.split(/\s+/),
);

/** Adapter → others that ask the same prices, in order. */
const SAME_PRICES: Readonly<Record<string, readonly string[]>> = {
  azure: ["openai", "xai", "deepseek", "anthropic"],
  vertex: ["gemini"],
  bedrock_mantle: ["bedrock"],
};

/** The provider that a sheet means, as we call it. */
export function providerName(name: string): string {
  const plain = name.trim().toLowerCase();
  if (Object.hasOwn(NAMES, plain)) return NAMES[plain] as string;
  const family = FAMILY.exec(plain)?.[1];
  return family === undefined ? plain : (NAMES[family] as string);
}

/** Adapters whose prices are asked after the provider's own. */
export function samePrices(base: string): readonly string[] {
  return Object.hasOwn(SAME_PRICES, base) ? (SAME_PRICES[base] as readonly string[]) : [];
}

/** True for what is known as a provider's name, here or in sheets. */
export function isProviderName(name: string): boolean {
  return Object.hasOwn(NAMES, name) || OTHERS.has(name);
}
