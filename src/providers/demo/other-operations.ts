// The demo's embeddings and its models list, and what it says to requests that are none.
import { createHash } from "node:crypto";
import { tokensOf } from "./compose.ts";
import { CREATED } from "./form.ts";
import { demoModels } from "./models.ts";
import type { Scene } from "./scene.ts";

const DIMENSIONS = 64;
const MAX_DIMENSIONS = 4096;

/** A vector of length one that the text alone decides. */
export function vectorOf(text: string, dimensions: number): number[] {
  const values: number[] = [];
  for (let block = 0; values.length < dimensions; block++) {
    const hash = createHash("sha256").update(`${block}:${text}`).digest();
    for (let i = 0; i < hash.length && values.length < dimensions; i += 2) values.push(hash.readInt16LE(i) / 32768);
  }
  const norm = Math.hypot(...values) || 1;
  return values.map((value) => value / norm);
}

function base64Of(vector: readonly number[]): string {
  return Buffer.from(new Float32Array(vector).buffer).toString("base64");
}

/** Embeddings of a text or a list of texts or tokens. */
export async function embed(scene: Scene): Promise<void> {
  const body = scene.request.json ?? {};
  const input = body["input"];
  const inputs: unknown[] = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
  const asked = body["dimensions"];
  const dimensions = typeof asked === "number" && asked >= 1 ? Math.min(Math.floor(asked), MAX_DIMENSIONS) : DIMENSIONS;
  const texts = inputs.map((entry) => (typeof entry === "string" ? entry : JSON.stringify(entry ?? "")));
  const tokens = tokensOf(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  const answer = {
    object: "list",
    data: texts.map((text, index) => {
      const vector = vectorOf(text, dimensions);
      return {
        object: "embedding",
        index,
        embedding: body["encoding_format"] === "base64" ? base64Of(vector) : vector,
      };
    }),
    model: scene.request.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
  await scene.plain(Buffer.from(JSON.stringify(answer)));
}

/** Every model of the table, in the form of the dialect that asks. */
export async function listModels(scene: Scene): Promise<void> {
  const created_at = new Date(CREATED * 1000).toISOString();
  const data = demoModels.map(({ name, description }) =>
    scene.request.dialect === "anthropic"
      ? { type: "model", id: name, display_name: description, created_at }
      : { id: name, object: "model", created: CREATED, owned_by: "demo", description },
  );
  const body =
    scene.request.dialect === "anthropic"
      ? { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
      : { object: "list", data };
  await scene.plain(Buffer.from(JSON.stringify(body)));
}
