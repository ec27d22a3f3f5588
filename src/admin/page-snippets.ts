// The calls that the built-in page shows: the same request from a shell, from Python and from Node.
import type { Snapshot } from "../core/snapshot.ts";

export interface Snippet {
  readonly title: string;
  readonly text: string;
}

const USUAL: readonly (readonly [string, string])[] = [
  ["openai", "gpt-4o-mini"],
  ["anthropic", "claude-3-5-haiku-latest"],
  ["demo", "echo"],
];

/** A model that this configuration is likely to answer. */
export function exampleModel(snapshot: Snapshot | null): string {
  for (const [provider, model] of USUAL) if (snapshot?.providers.has(provider) === true) return `${provider}/${model}`;
  for (const provider of snapshot?.providers.values() ?? []) {
    const model = provider.keys[0]?.models?.values().next().value ?? provider.models.keys().next().value;
    if (model !== undefined) return `${provider.name}/${model}`;
  }
  return "openai/gpt-4o-mini";
}

/** `base` is the gateway's address without a slash at its end. */
export function snippets(base: string, model: string, needsKey: boolean): Snippet[] {
  const key = needsKey ? "YOUR_VIRTUAL_KEY" : "unused";
  const credential = needsKey ? ` \\\n  -H "x-bf-vk: ${key}"` : "";
  const body = `{"model": "${model}", "messages": [{"role": "user", "content": "Hello!"}]}`;
  return [
    {
      title: "curl",
      text: `curl ${base}/v1/chat/completions${credential} \\\n  -H "Content-Type: application/json" \\\n  -d '${body}'`,
    },
    {
      title: "Python",
      text: [
        "from openai import OpenAI",
        "",
        `client = OpenAI(base_url="${base}/v1", api_key="${key}")`,
        "answer = client.chat.completions.create(",
        `    model="${model}",`,
        '    messages=[{"role": "user", "content": "Hello!"}],',
        ")",
        "print(answer.choices[0].message.content)",
      ].join("\n"),
    },
    {
      title: "Node.js",
      text: [
        'import OpenAI from "openai";',
        "",
        `const client = new OpenAI({ baseURL: "${base}/v1", apiKey: "${key}" });`,
        "const answer = await client.chat.completions.create({",
        `  model: "${model}",`,
        '  messages: [{ role: "user", content: "Hello!" }],',
        "});",
        "console.log(answer.choices[0].message.content);",
      ].join("\n"),
    },
    {
      title: "Anthropic SDK (Python)",
      text: [
        "import anthropic",
        "",
        `client = anthropic.Anthropic(base_url="${base}/anthropic", api_key="${key}")`,
        "message = client.messages.create(",
        `    model="${model}",`,
        "    max_tokens=256,",
        '    messages=[{"role": "user", "content": "Hello!"}],',
        ")",
        "print(message.content[0].text)",
      ].join("\n"),
    },
  ];
}
