// Every provider, one line each: config, catalogue, admin and docs read this list.
import type { ProviderAdapter, ProviderRegistry } from "../core/provider.ts";
import { anthropic } from "./anthropic/provider.ts";
import { azure } from "./azure/provider.ts";
import { cerebras } from "./cerebras/provider.ts";
import { deepseek } from "./deepseek/provider.ts";
import { demo } from "./demo/provider.ts";
import { fireworks } from "./fireworks/provider.ts";
import { glm } from "./glm/provider.ts";
import { groq } from "./groq/provider.ts";
import { huggingface } from "./huggingface/provider.ts";
import { minimax } from "./minimax/provider.ts";
import { mistral } from "./mistral/provider.ts";
import { moonshot } from "./moonshot/provider.ts";
import { nebius } from "./nebius/provider.ts";
import { nvidia } from "./nvidia/provider.ts";
import { ollama } from "./ollama/provider.ts";
import { openai } from "./openai/provider.ts";
import { opencodeGo } from "./opencode-go/provider.ts";
import { opencodeZen } from "./opencode-zen/provider.ts";
import { openrouter } from "./openrouter/provider.ts";
import { parasail } from "./parasail/provider.ts";
import { perplexity } from "./perplexity/provider.ts";
import { qwen } from "./qwen/provider.ts";
import { sarvam } from "./sarvam/provider.ts";
import { sgl } from "./sgl/provider.ts";
import { together } from "./together/provider.ts";
import { vllm } from "./vllm/provider.ts";
import { volcengine } from "./volcengine/provider.ts";
import { wafer } from "./wafer/provider.ts";
import { xai } from "./xai/provider.ts";

const adapters: readonly ProviderAdapter[] = [
  openai,
  azure,
  anthropic,
  mistral,
  groq,
  cerebras,
  openrouter,
  deepseek,
  xai,
  perplexity,
  fireworks,
  together,
  nebius,
  parasail,
  nvidia,
  huggingface,
  moonshot,
  qwen,
  glm,
  minimax,
  volcengine,
  sarvam,
  wafer,
  opencodeZen,
  opencodeGo,
  ollama,
  vllm,
  sgl,
  demo,
];

const byName = new Map(adapters.map((adapter) => [adapter.name, adapter]));

/** The adapters by name, in the order in which people see them. */
export const registry: ProviderRegistry = {
  get: (name) => byName.get(name),
  all: () => adapters,
};
