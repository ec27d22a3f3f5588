// What every provider must do; each provider's test hands its fixtures over in about ten lines.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { KeyEntity, ProviderEntity } from "../../core/entities.ts";
import { type AnswerFormat, InvalidAnswerError } from "../../core/formats.ts";
import type { HeaderView } from "../../core/http.ts";
import type { Operation } from "../../core/operations.ts";
import type { FailureHint, ProviderAdapter } from "../../core/provider.ts";
import { textFormat } from "../../formats/openai/text-format.ts";
import { isHeaderName, isHeaderValue } from "../../lib/header-block.ts";

export const SECRET = "sk-planted-secret-0123456789";
const NOW = Date.UTC(2026, 0, 1);

/** One entry of `fixtures/errors.json`: a refusal as the provider sends it, and what must be read from it. */
export interface ErrorFixture {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or text where the body is none. */
  readonly body: unknown;
  /** A part of the message that must be read. */
  readonly message: string;
  readonly hint: FailureHint;
  /** ms, with the clock at 2026-01-01T00:00:00Z; null: the headers say nothing. */
  readonly restHint: number | null;
}

export interface ProviderContract {
  readonly adapter: ProviderAdapter;
  /** `import.meta.url` of the test: the provider's folder. */
  readonly from: string;
  readonly model: string;
  /** Where a key without an address of its own is used, per operation that it has. */
  readonly urls: Partial<Readonly<Record<Operation, string>>>;
  /** Name and value of the credential's header for the key `SECRET`. */
  readonly credential: readonly [name: string, value: string];
  /** What the key needs besides its value. */
  readonly key?: Partial<KeyEntity>;
}

/** A key entity as the loader would make it. */
export function keyEntity(changes: Partial<KeyEntity> = {}): KeyEntity {
  return {
    id: "key-1",
    name: "first",
    value: SECRET,
    enabled: true,
    weight: 1,
    models: null,
    blacklistedModels: [],
    aliases: {},
    url: null,
    azure: null,
    ...changes,
  };
}

/** A provider entity as the loader would make it. */
export function providerEntity(
  adapter: ProviderAdapter,
  baseUrl: string | null = null,
  name = adapter.name,
): ProviderEntity {
  return {
    kind: "provider",
    name,
    base: adapter.name,
    custom: name !== adapter.name,
    keyless: adapter.keyless,
    keys: [],
    network: {
      baseUrl,
      extraHeaders: {},
      requestTimeout: 30_000,
      maxRetries: 0,
      backoffInitial: 500,
      backoffMax: 5000,
      streamIdle: 60_000,
      keepAlive: 30_000,
      maxConnections: 100,
      insecureSkipVerify: false,
      caPem: null,
      betaHeaderOverrides: {},
      allowPrivateNetwork: false,
    },
    proxy: { type: "none" },
    allowedRequests: null,
    pathOverrides: {},
    source: "test",
  };
}

export function headersOf(fields: Readonly<Record<string, string>> = {}): HeaderView {
  return {
    get: (name) => fields[name],
    entries: () => Object.entries(fields),
    hasPrefix: (prefix) => Object.keys(fields).some((name) => name.startsWith(prefix)),
  };
}

/** The events of an SSE text: name and data. */
export function readEvents(text: string): { readonly name: string; readonly data: string }[] {
  const events: { name: string; data: string }[] = [];
  for (const block of text.replaceAll("\r\n", "\n").split("\n\n")) {
    const lines = block.split("\n");
    const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
    const name =
      lines
        .find((line) => line.startsWith("event:"))
        ?.slice(6)
        .trim() ?? "";
    if (data.length > 0) events.push({ name, data: data.join("\n") });
  }
  return events;
}

/** Runs the suite for one provider. */
export function testProvider(contract: ProviderContract): void {
  const { adapter } = contract;
  const title = (text: string): string => `${adapter.name}: ${text}`;
  test(title("declares itself completely and opens no socket"), () => checkDeclaration(contract));
  test(title("sends the credential exactly once"), () => checkCredential(contract));
  test(title("joins base and path without doubling a segment"), () => checkUrls(contract));
  test(title("reads a whole answer"), () => checkAnswer(contract));
  test(title("reads a stream to its end"), () => checkStream(contract));
  test(title("understands its refusals"), () => checkErrors(contract));
  test(title("survives refusals that are none of its own"), () => checkStrangeErrors(adapter));
  if (adapter.operations.includes("completions")) {
    test(title("reads a whole text completion"), () => checkText(contract));
    test(title("reads a stream of text to its end"), () => checkTextStream(contract));
  }
  if (adapter.operations.includes("embeddings")) test(title("reads embeddings"), () => checkEmbeddings(contract));
  if (adapter.operations.includes("models")) test(title("reads its models list"), () => checkModels(contract));
  test(title("refuses what is no models list"), () => checkStrangeModels(adapter));
  test(title("leaves the heart of a translated body alone"), () => checkAdjust(contract));
}

function fixture({ from }: ProviderContract, name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, from), "utf8");
}

function checkDeclaration({ adapter, from }: ProviderContract): void {
  assert.match(adapter.name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  assert.ok(adapter.label.length > 0);
  assert.equal(adapter.format.dialect, adapter.dialect);
  for (const name of adapter.environment) assert.match(name, /^[A-Z][A-Z0-9_]*$/);
  assert.ok(adapter.baseUrl !== null || adapter.keyFields.some((field) => field.required && !field.secret));
  assert.ok(adapter.defaultMaxOutputTokens > 0);
  assert.match(
    fixture({ from } as ProviderContract, "SOURCES.md"),
    /20\d\d-\d\d-\d\d/,
    "SOURCES.md names kind and date",
  );
  for (const name of readdirSync(new URL(".", from)).filter((file) => file.endsWith(".ts")))
    assert.doesNotMatch(
      readFileSync(new URL(name, from), "utf8"),
      /from "(node:(http|https|http2|net|tls|dgram|dns)|undici)"|\bfetch\(/,
    );
}

function checkCredential({ adapter, credential, key }: ProviderContract): void {
  const { headers } = adapter.connect(providerEntity(adapter), keyEntity({ url: "https://own.example", ...key }));
  const carriers = headers.filter(([, value]) => value.includes(SECRET));
  assert.deepEqual(carriers, [credential]);
  for (const [name, value] of headers) {
    assert.ok(isHeaderName(name) && isHeaderValue(value));
    assert.equal(name, name.toLowerCase());
  }
  const bare = adapter.connect(providerEntity(adapter), keyEntity({ url: "https://own.example", ...key, value: "" }));
  assert.equal(
    bare.headers.find(([name]) => name === credential[0]),
    undefined,
    "no credential without a value",
  );
}

function checkUrls(contract: ProviderContract): void {
  const { adapter, urls, model } = contract;
  const key = keyEntity(contract.key);
  const url = (operation: Operation, baseUrl: string | null): string =>
    adapter.connect(providerEntity(adapter, baseUrl), key).baseUrl + adapter.path(operation, model, key);
  assert.deepEqual(Object.keys(urls).sort(), [...adapter.operations].sort());
  for (const operation of adapter.operations) assert.equal(url(operation, null), urls[operation]);
  // A key with an address of its own does not ask the provider for one.
  if (key.url !== null || key.azure !== null) return;
  const path = adapter.path("chat", model, key);
  for (const base of ["https://own.example", "https://own.example/base"]) {
    assert.equal(url("chat", base), base + path);
    assert.equal(url("chat", `${base}/`), base + path);
    if (path.startsWith("/v1/")) assert.equal(url("chat", `${base}/v1/`), base + path);
  }
  const custom = adapter.connect(providerEntity(adapter, "http://127.0.0.1:9/v1", "my-own"), key);
  assert.ok((custom.baseUrl + path).startsWith("http://127.0.0.1:9/"));
}

function checkAnswer(contract: ProviderContract): void {
  checkWhole(contract.adapter.format, fixture(contract, "chat.json"), contract.adapter.name);
}

function checkText(contract: ProviderContract): void {
  checkWhole(textFormat, fixture(contract, "text.json"), contract.adapter.name);
}

function checkWhole(format: AnswerFormat, text: string, issuer: string): void {
  const response = format.decodeResponse(JSON.parse(text), issuer);
  assert.ok(response.choices.length > 0);
  assert.ok(response.choices[0]?.content.some((part) => part.type === "text" && part.text.length > 0));
  assert.notEqual(response.choices[0]?.stopReason, null);
  assert.ok((response.usage.inputTokens ?? 0) > 0 && (response.usage.outputTokens ?? 0) > 0);
  const view = format.inspect(Buffer.from(text));
  assert.equal(view.type, "answer");
  assert.deepEqual(view.type === "answer" && view.usage, response.usage);
}

function checkStream(contract: ProviderContract): void {
  checkEvents(contract.adapter.format, fixture(contract, "chat.sse"), contract.adapter.name);
}

function checkTextStream(contract: ProviderContract): void {
  checkEvents(textFormat, fixture(contract, "text.sse"), contract.adapter.name);
}

function checkEvents(format: AnswerFormat, sse: string, issuer: string): void {
  const decoder = format.streamDecoder(issuer);
  const watch = format.watch();
  let text = "";
  let usage = 0;
  let last = "";
  let finished = false;
  for (const { name, data } of readEvents(sse)) {
    const bytes = Buffer.from(data);
    if (watch.isNotable(bytes, 0, bytes.length)) {
      const view = watch.view(name, data);
      assert.ok(view.type !== "invalid" && view.type !== "error", data);
      finished ||= view.type === "finish";
      last = view.type;
    } else last = "content";
    for (const event of decoder.push(name, data)) {
      if (event.type === "text-delta") text += event.text;
      if (event.type === "usage") usage = event.usage.outputTokens ?? 0;
    }
  }
  assert.ok(text.length > 0, "text came");
  assert.ok(usage > 0, "usage came");
  assert.ok(finished, "a finish was seen");
  assert.equal(last, "end");
  assert.ok(decoder.complete);
}

function checkErrors(contract: ProviderContract): void {
  const { adapter } = contract;
  const entries = JSON.parse(fixture(contract, "errors.json")) as ErrorFixture[];
  assert.ok(entries.length > 0);
  for (const entry of entries) {
    const body = Buffer.from(typeof entry.body === "string" ? entry.body : JSON.stringify(entry.body));
    const error = adapter.readError(entry.status, body);
    const about = `${entry.status} ${entry.message}`;
    assert.ok(error.message.includes(entry.message), `${about}: read as "${error.message}"`);
    assert.equal(adapter.hint(entry.status, error), entry.hint, about);
    assert.equal(adapter.restHint(headersOf(entry.headers), NOW), entry.restHint, about);
  }
}

const STRANGE = [
  "",
  "null",
  "[]",
  "{}",
  "0",
  '"x"',
  '{"error":null}',
  '{"error":[]}',
  "<html></html>",
  "\u0000\u0001",
  "{".repeat(1000),
];

function checkStrangeErrors(adapter: ProviderAdapter): void {
  for (const body of [...STRANGE, "x".repeat(1_000_000)])
    for (const status of [200, 400, 401, 404, 429, 500, 503, 599]) {
      const error = adapter.readError(status, Buffer.from(body));
      assert.equal(typeof error.message, "string");
      assert.ok(error.message.length > 0 && error.message.length < 20_000);
      adapter.hint(status, error);
    }
  assert.equal(adapter.restHint(headersOf(), NOW), null);
}

function checkEmbeddings(contract: ProviderContract): void {
  const body = JSON.parse(fixture(contract, "embeddings.json")) as { data: { embedding: unknown }[]; usage?: unknown };
  assert.ok(Array.isArray(body.data[0]?.embedding));
}

function checkModels(contract: ProviderContract): void {
  const models = contract.adapter.readModels(JSON.parse(fixture(contract, "models.json")));
  assert.ok(models.length > 0);
  assert.equal(new Set(models.map((model) => model.id)).size, models.length);
  assert.ok(
    models.some((model) => model.id === contract.model),
    "the list holds the model of the test",
  );
}

function checkStrangeModels(adapter: ProviderAdapter): void {
  for (const body of [null, 1, "x", {}, { data: null }, { data: "x" }, { object: "list" }])
    assert.throws(() => adapter.readModels(body), InvalidAnswerError);
  assert.deepEqual(adapter.readModels({ data: [null, 1, {}, { id: "" }, { id: 7 }, { id: "a\u0000b" }] }), []);
}

function checkAdjust({ adapter, model }: ProviderContract): void {
  const body: Record<string, unknown> = {
    model,
    messages: [{ role: "user", content: "Hi" }],
    stream: true,
    max_tokens: 20,
  };
  const losses = adapter.adjust(body, model);
  assert.deepEqual(losses, []);
  assert.equal(body["model"], model);
  assert.deepEqual(body["messages"], [{ role: "user", content: "Hi" }]);
  assert.equal(body["stream"], true);
  assert.equal(body["max_tokens"] ?? body["max_completion_tokens"], 20);
  for (const [from, to] of adapter.renames(model)) assert.notEqual(from, to);
}
