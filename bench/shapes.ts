// The requests that are measured: their bodies and what the mock upstream answers.

const TEXT = "The quick brown fox jumps over the lazy dog. ";

function words(bytes: number): string {
  return TEXT.repeat(Math.ceil(bytes / TEXT.length)).slice(0, bytes);
}

export interface Shape {
  readonly name: string;
  readonly label: string;
  readonly body: string;
  /** Connections that the load keeps busy. */
  readonly connections: number;
}

function chat(messages: readonly { role: string; content: string }[], more: Record<string, unknown> = {}): string {
  return JSON.stringify({ model: "gpt-4o-mini", messages, temperature: 0.7, max_tokens: 256, ...more });
}

const small = [
  { role: "system", content: words(150) },
  { role: "user", content: words(220) },
];

/** 300 turns of about 260 bytes. */
const turns = Array.from({ length: 300 }, (_, i) => ({
  role: i % 2 === 0 ? "user" : "assistant",
  content: `Turn ${i}: "${words(200)}"\n\t`,
}));

export const shapes: readonly Shape[] = [
  { name: "chat", label: "chat, 0.5 KB in, 0.6 KB out", body: chat(small), connections: 32 },
  { name: "stream", label: "20-chunk stream", body: chat(small, { stream: true }), connections: 32 },
  {
    name: "prompt",
    label: "100 KB prompt, one message",
    body: chat([{ role: "user", content: words(100_000) }]),
    connections: 16,
  },
  { name: "turns", label: "78 KB prompt, 300 turns", body: chat(turns), connections: 16 },
];

export const answer = JSON.stringify({
  id: "chatcmpl-bench0000000000000000000000",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "gpt-4o-mini-2024-07-18",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: words(220), refusal: null },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: {
    prompt_tokens: 92,
    completion_tokens: 48,
    total_tokens: 140,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
  service_tier: "default",
  system_fingerprint: "fp_bench",
});

function chunk(delta: Record<string, unknown>, finish: string | null): string {
  const body = {
    id: "chatcmpl-bench0000000000000000000000",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "gpt-4o-mini-2024-07-18",
    service_tier: "default",
    system_fingerprint: "fp_bench",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}

/** 20 content chunks between the role, the finish, the usage and the end marker. */
export const events: readonly string[] = [
  chunk({ role: "assistant", content: "", refusal: null }, null),
  ...Array.from({ length: 20 }, (_, i) => chunk({ content: ` word${i}` }, null)),
  chunk({}, "stop"),
  `data: ${JSON.stringify({ id: "chatcmpl-bench0000000000000000000000", object: "chat.completion.chunk", created: 1_700_000_000, model: "gpt-4o-mini-2024-07-18", choices: [], usage: { prompt_tokens: 92, completion_tokens: 20, total_tokens: 112 } })}\n\n`,
  "data: [DONE]\n\n",
];
