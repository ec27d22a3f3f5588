// The proxy of the whole gateway: whom it concerns, when it is in force, what is refused, and that its password stays where it is.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import type { ProxySettings } from "../../core/http.ts";
import { type TestBook, testBook } from "./fixtures/house.ts";
import { MemoryConfigStore, sharedMemory } from "./memory-store.ts";

const PROXY: JsonObject = {
  enabled: true,
  type: "http",
  url: "http://proxy.example:3128",
  username: "gate",
  password: "planted-password",
  no_proxy: "inside.example",
  timeout: 2.5,
  skip_tls_verify: true,
  enable_for_inference: true,
};
const OWN = { type: "http", url: "http://own.example:3128" };
const KEYS = [{ name: "k", value: "sk-first-0123456789" }];
const CUSTOM: JsonObject = { keys: KEYS, custom_provider_config: { base_provider_type: "openai" } };

function proxyOf({ loop }: TestBook, name: string): ProxySettings | undefined {
  const entity = loop.get(`provider:${name}`);
  return entity?.kind === "provider" ? entity.proxy : undefined;
}

async function withProviders(environment: Record<string, string> = {}): Promise<TestBook> {
  const house = await testBook({ environment: { ANTHROPIC_API_KEY: "sk-env-0123456789", ...environment } });
  await house.book.createProvider("openai", { keys: KEYS });
  await house.book.createProvider("own", { ...CUSTOM, proxy_config: OWN });
  await house.book.createProvider("straight", { ...CUSTOM, proxy_config: { type: "none" } });
  return house;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  assert.ok(error instanceof GatewayError, String(error));
  assert.doesNotMatch(error.message, /planted/);
  return error.message;
}

describe("the proxy of the whole gateway", () => {
  it("is taken by every provider without one of its own, stored or from the environment, with the answer", async () => {
    const house = await withProviders();
    await house.book.putBlock("proxy_config", PROXY);
    for (const name of ["openai", "anthropic"])
      assert.deepEqual(proxyOf(house, name), {
        type: "http",
        url: "http://proxy.example:3128",
        username: "gate",
        password: "planted-password",
        caPem: undefined,
        noProxy: "inside.example",
        inspects: false,
        insecureSkipVerify: true,
        timeout: 2500,
      });
    const told = house.published.at(-1)?.upserts.map((entity) => (entity.kind === "provider" ? entity.name : ""));
    assert.ok(!told?.includes("own") && !told?.includes("straight"), "who has one of its own is left alone");
    assert.equal(house.book.provider("openai")?.entity?.proxy.url, "http://proxy.example:3128");
    await house.book.putBlock("proxy_config", { ...PROXY, enabled: false });
    assert.deepEqual(proxyOf(house, "openai"), { type: "environment" });
  });

  it("is taken by providers that come later, and left by those that get one of their own", async () => {
    const house = await withProviders();
    await house.book.putBlock("proxy_config", PROXY);
    await house.book.createProvider("later", CUSTOM);
    assert.equal(proxyOf(house, "later")?.noProxy, "inside.example");
    await house.book.putProvider("later", { ...CUSTOM, proxy_config: { type: "environment" } });
    assert.deepEqual(proxyOf(house, "later")?.type, "environment");
  });

  it("is for the calls whose flag is set", async () => {
    const house = await withProviders();
    const listed = (): string | undefined =>
      house.ledger.providers.calledByApi().find(({ name }) => name === "openai")?.proxy.url;
    await house.book.putBlock("proxy_config", { ...PROXY, enable_for_inference: false, enable_for_api: true });
    assert.deepEqual(
      [house.ledger.providers.entityOf("openai")?.proxy.type, listed(), house.ledger.apiProxy.url],
      ["environment", PROXY["url"], PROXY["url"]],
    );
    await house.book.putBlock("proxy_config", PROXY);
    assert.deepEqual([proxyOf(house, "openai")?.url, listed()], [PROXY["url"], PROXY["url"]]);
    assert.deepEqual(house.ledger.apiProxy, { type: "environment" });
  });

  it("of another process on the same store is in force with the next change", async () => {
    const memory = sharedMemory();
    const [near, far] = [
      await testBook({ store: new MemoryConfigStore(memory) }),
      await testBook({ store: new MemoryConfigStore(memory) }),
    ];
    await near.book.createProvider("openai", { keys: KEYS });
    await far.book.putBlock("proxy_config", PROXY);
    await near.book.refresh();
    assert.equal(proxyOf(near, "openai")?.url, PROXY["url"]);
  });

  it("reads references, conceals what is behind them, and refuses those behind which nothing is", async () => {
    const house = await withProviders({ PROXY_URL: "http://10.0.0.1:3128", PROXY_WORD: "planted-by-variable" });
    const given = { ...PROXY, url: "env.PROXY_URL", password: "env.PROXY_WORD" };
    await house.book.putBlock("proxy_config", given);
    assert.deepEqual(
      [proxyOf(house, "openai")?.url, proxyOf(house, "openai")?.password],
      ["http://10.0.0.1:3128", "planted-by-variable"],
    );
    assert.ok(house.concealed.has("planted-by-variable"));
    assert.match(
      await refusal(house.book.putBlock("proxy_config", { ...given, username: "env.NOT_SET" })),
      /'username': the environment variable NOT_SET is not set/,
    );
  });

  it("that cannot be read at a start makes calls fail instead of going past it", async () => {
    const memory = sharedMemory();
    const before = await testBook({
      store: new MemoryConfigStore(memory),
      environment: { PROXY_URL: "http://proxy.example:1" },
    });
    await before.book.createProvider("openai", { keys: KEYS });
    await before.book.putBlock("proxy_config", { ...PROXY, url: "env.PROXY_URL" });
    const after = await testBook({ store: new MemoryConfigStore(memory) });
    const { type, url } = after.ledger.providers.entityOf("openai")?.proxy ?? {};
    assert.deepEqual([type, url], ["http", ""]);
    assert.match(after.ledger.proxyProblem ?? "", /proxy_config\.url: .*PROXY_URL is not set; calls through it fail/);
  });

  it("is refused with what nothing could go through", async () => {
    const { book } = await withProviders();
    for (const [change, message] of [
      [{ type: "tcp", url: "tcp://proxy:1" }, /'type': a proxy of type tcp is not supported; use http or socks5/],
      [{ type: "socks5" }, /'url' must be the address of a proxy of type socks5, such as socks5:\/\/proxy:1080/],
      [{ type: "http", url: "socks5://proxy:1080" }, /'url' must be the address of a proxy of type http/],
      [{ ca_cert_pem: "no pem" }, /'ca_cert_pem' holds no certificate/],
      [{ type: "socks5", url: "socks5://proxy:1080", password: `planted${"x".repeat(256)}` }, /longer than the 255/],
      [{ url: "http://10.1.2.3:3128" }, /private address can only be set by a variable of the environment/],
    ] as const)
      assert.match(await refusal(book.putBlock("proxy_config", { ...PROXY, ...change })), message);
    await book.putBlock("proxy_config", { ...PROXY, enabled: false, type: "tcp", url: "tcp://proxy:1" });
  });
});
