// Tokens of keys on a clock of the test's own: kept, renewed ahead, and never asked for by every request at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KeyEntity } from "./entities.ts";
import type { HeaderView, OriginSettings, Upstream, UpstreamCall } from "./http.ts";
import { KeyTokens, NoTokenError } from "./key-tokens.ts";
import type { ProviderAdapter } from "./provider.ts";
import type { ProviderKey } from "./snapshot.ts";

const NONE: HeaderView = { get: () => undefined, entries: () => [], hasPrefix: () => false };
const KEY = {
  entity: { id: "k", value: "" } as KeyEntity,
  origin: { url: "https://models.example" } as OriginSettings,
} as ProviderKey;
const ADAPTER = {
  tokenCall: () => ({
    url: "https://login.example/token",
    headers: [],
    body: "secret",
    read: (body: unknown) => body as { token: string; lifetime: number },
  }),
} as unknown as ProviderAdapter;

function house(lifetime: number) {
  const state = { now: 1_000_000, calls: 0, status: 200 };
  const upstream = {
    send(_call, handler) {
      const nth = ++state.calls;
      const { status } = state;
      setImmediate(() => {
        handler.onHead(status, NONE);
        handler.onBytes(Buffer.from(JSON.stringify({ token: `token-${nth}`, lifetime })));
        handler.onEnd();
      });
      return { abort() {}, pause() {}, resume() {}, release() {}, flushed: true } as unknown as UpstreamCall;
    },
  } as Upstream;
  return { state, tokens: new KeyTokens(upstream, () => state.now) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test("a token is asked for once and kept without another promise", async () => {
  const { state, tokens } = house(3_600_000);
  const [one, two] = await Promise.all([tokens.get(ADAPTER, KEY), tokens.get(ADAPTER, KEY)]);
  assert.deepEqual([one, two, state.calls], ["token-1", "token-1", 1]);
  assert.equal(tokens.get(ADAPTER, KEY), "token-1");
});

test("near its end it is renewed behind those that use it", async () => {
  const { state, tokens } = house(3_600_000);
  await tokens.get(ADAPTER, KEY);
  state.now += 3_600_000 - 120_000;
  assert.equal(tokens.get(ADAPTER, KEY), "token-1");
  assert.equal(tokens.get(ADAPTER, KEY), "token-1");
  await settled();
  assert.equal(tokens.get(ADAPTER, KEY), "token-2");
  assert.equal(state.calls, 2);
});

test("a giver of tokens that fails is asked again only after a rest, and the old token serves meanwhile", async () => {
  const { state, tokens } = house(3_600_000);
  await tokens.get(ADAPTER, KEY);
  state.now += 3_600_000 - 120_000;
  state.status = 503;
  for (let nth = 0; nth < 50; nth++) {
    assert.equal(tokens.get(ADAPTER, KEY), "token-1");
    await new Promise(setImmediate);
  }
  assert.equal(state.calls, 2);
  state.now += 6_000;
  tokens.get(ADAPTER, KEY);
  await settled();
  assert.equal(state.calls, 3);
});

const isRefusal = (error: unknown): boolean => error instanceof NoTokenError && error.isRefused;

test("without any token the failure is told, at once while it rests", async () => {
  const { state, tokens } = house(3_600_000);
  state.status = 401;
  await assert.rejects(async () => await tokens.get(ADAPTER, KEY), isRefusal);
  await assert.rejects(async () => await tokens.get(ADAPTER, KEY), isRefusal);
  assert.equal(state.calls, 1);
  state.status = 200;
  state.now += 6_000;
  assert.equal(await tokens.get(ADAPTER, KEY), "token-2");
});

test("a token that a provider did not take is traded anew", async () => {
  const { tokens } = house(3_600_000);
  await tokens.get(ADAPTER, KEY);
  tokens.refused(KEY);
  assert.equal(await tokens.get(ADAPTER, KEY), "token-2");
});
