// Home in a real browser: the first request, a failover as it happens, who spends, the login and the setup link.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway } from "../support/gateway.ts";
import { provideHosts } from "../support/provider-hosts.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");
const PASSWORD = "correct horse battery";

let browser: Browser;

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
});

/** Clicks, counted. */
function hand(page: Page) {
  const made = { clicks: 0, fields: 0 };
  return {
    made,
    async press(name: string | RegExp, role: "button" | "link" | "switch" = "button"): Promise<void> {
      made.clicks++;
      await page.getByRole(role, { name }).first().click();
    },
    async fill(label: string, text: string): Promise<void> {
      made.fields++;
      await page.getByLabel(label).fill(text);
    },
  };
}

async function settled(page: Page): Promise<void> {
  await page.getByTestId("first-route").waitFor();
  await page.getByText("The same call from a program").waitFor();
}

test("journey A: a pasted key becomes a first answer with two clicks and one field", async (t) => {
  const upstream = await startFaultUpstream();
  t.after(() => upstream.close());
  const hosts = await provideHosts({ "api.openai.com": upstream.port });
  t.after(() => hosts.close());
  const gateway = await startTestGateway({ environment: hosts.environment });
  t.after(() => gateway.stop());
  const opened = await openPage(browser, gateway.url);
  const { press, fill, made } = hand(opened.page);
  await fill("Provider key", "sk-proj-0123456789abcdefghij");
  await press("Add and test with OpenAI");
  await opened.page.getByText(/The key of openai works/).waitFor();
  assert.ok(hosts.asked.length > 0 && hosts.asked.every((host) => host.startsWith("api.openai.com")));
  await press("Send");
  await settled(opened.page);
  assert.deepEqual(made, { clicks: 2, fields: 1 });
  assert.notEqual((await opened.page.getByTestId("first-answer").textContent())?.trim(), "");
  assert.match(await opened.page.getByRole("region", { name: "the call in curl" }).innerText(), /"model": "openai\//);
  assert.deepEqual(await axeFindings(opened.page), []);
  await press("Show the overview");
  await opened.page.getByTestId("figures").waitFor();
  await opened.close();
});

test("a key of an unknown beginning is tried nowhere until its provider is chosen, and a refused one is not stored", async (t) => {
  const gateway = await startTestGateway();
  t.after(() => gateway.stop());
  const opened = await openPage(browser, gateway.url);
  const { page } = opened;
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") asked.push(new URL(request.url()).pathname);
  });
  await page.getByLabel("Provider key").fill("sk-0123456789abcdef");
  assert.ok(await page.getByRole("button", { name: "Add and test" }).isDisabled());
  assert.deepEqual(asked, []);
  await page.getByLabel("Whose key is it").click();
  assert.ok((await page.getByRole("option").count()) > 1);
  await page.getByRole("option", { name: "DeepSeek" }).click();
  await page.getByRole("button", { name: "Add and test with DeepSeek" }).click();
  await page.getByText(/so nothing was stored/).waitFor();
  assert.equal(await page.getByLabel("Provider key").inputValue(), "sk-0123456789abcdef");
  const { providers } = (await (await fetch(`${gateway.url}/api/providers`)).json()) as {
    providers: { name: string }[];
  };
  assert.ok(providers.every(({ name }) => name === "demo"));
  await opened.close();
});

test("without a key the demo provider answers, also on a phone in the dark", async (t) => {
  const gateway = await startTestGateway();
  t.after(() => gateway.stop());
  const opened = await openPage(browser, gateway.url, { theme: "dark", width: 360, height: 740 });
  const { press, made } = hand(opened.page);
  await press("Use the built-in demo provider");
  await press("Send");
  await settled(opened.page);
  assert.equal(made.clicks, 2);
  assert.equal(await sidewaysScroll(opened.page), 0);
  assert.deepEqual(await axeFindings(opened.page), []);
  await opened.close();
});

const KEY = "sk-bf-home-test-0123456789";
const TWO_PROVIDERS = (backup: string) => ({
  version: 2,
  providers: {
    demo: { keys: [{ name: "d", value: "x" }], network_config: { max_retries: 0 } },
    backup: {
      keys: [{ name: "b", value: "y" }],
      network_config: { base_url: backup },
      custom_provider_config: { base_provider_type: "openai" },
    },
  },
  governance: {
    virtual_keys: [
      {
        id: "vk-search",
        name: "Search team",
        value: KEY,
        provider_configs: [
          { provider: "demo", allowed_models: ["*"] },
          { provider: "backup", allowed_models: ["*"] },
        ],
      },
    ],
  },
});

test("journeys C and D: a failover turns the provider amber as it happens, and a spender opens in Usage", async (t) => {
  const upstream = await startFaultUpstream();
  t.after(() => upstream.close());
  const gateway = await startTestGateway({ config: TWO_PROVIDERS(upstream.url) });
  t.after(() => gateway.stop());
  const chat = () =>
    post(
      `${gateway.url}/v1/chat/completions`,
      { model: "demo/echo", messages: [{ role: "user", content: "hi" }], fallbacks: ["backup/echo"] },
      { "x-bf-vk": KEY },
    );
  await chat();
  await gateway.logs(1);
  const opened = await openPage(browser, gateway.url);
  const { page } = opened;
  const tile = page.getByTestId("provider-demo");
  await tile.waitFor();
  await page.waitForFunction(
    () => document.querySelector("[data-testid=provider-demo]")?.getAttribute("data-tone") === "good",
  );
  assert.deepEqual(await axeFindings(page), []);
  await page.getByRole("switch", { name: "Break it" }).click();
  await page.getByRole("button", { name: "It fails" }).waitFor();
  assert.equal((await chat()).status, 200);
  await page.waitForFunction(
    () => document.querySelector("[data-testid=provider-demo]")?.getAttribute("data-tone") === "warn",
  );
  assert.match(await tile.innerText(), /since/);
  await page.getByRole("table", { name: "Last requests" }).getByText("backup/echo").waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await page.getByRole("switch", { name: "Break it" }).click();
  await page.waitForFunction(() => document.querySelector("[role=switch]")?.getAttribute("aria-checked") === "false");
  const { press, made } = hand(page);
  await press("Search team", "link");
  await page.waitForURL((url) => url.pathname === "/usage" && url.searchParams.get("open") === "vk-search");
  assert.ok(made.clicks <= 2);
  await opened.close();
});

test("the login leads back to where the reader was, tells what is wrong, and slows down who guesses", async (t) => {
  const auth_config = { admin_username: "ada", admin_password: PASSWORD, is_enabled: true };
  const gateway = await startTestGateway({ config: { auth_config } });
  t.after(() => gateway.stop());
  const opened = await openPage(browser, `${gateway.url}/requests?status=error`, { expected: /40[13]|429/ });
  const { page } = opened;
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("The user name or the password is wrong").waitFor();
  assert.equal(await page.getByLabel("User name").inputValue(), "ada");
  assert.deepEqual(await axeFindings(page), []);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`${gateway.url}/requests?status=error`);
  await page.getByRole("heading", { level: 1, name: "Requests" }).waitFor();
  await opened.context.clearCookies();
  await page.goto(`${gateway.url}/login`);
  for (let count = 0; count < 5; count++) {
    await page.getByLabel("User name").fill("guess");
    await page.getByLabel("Password").fill(`wrong ${count}`);
    const answered = page.waitForResponse((answer) => answer.url().endsWith("/api/session/login"));
    await page.getByRole("button", { name: "Log in" }).click();
    if ((await answered).status() === 429) break;
  }
  await page.getByLabel("Password").press("Enter");
  await page.getByText(/Too many failed logins/).waitFor();
  assert.ok(await page.getByRole("button", { name: /Log in, in \d+ s/ }).isDisabled());
  await opened.close();
});

test("the setup link sets the first password, and without it the page asks for the token and says where it is", async (t) => {
  const token = "setup-token-of-this-test-0123456789";
  const gateway = await startTestGateway({
    flags: ["-host", "0.0.0.0"],
    environment: { BIFROST_SETUP_TOKEN: token },
  });
  t.after(() => gateway.stop());
  const opened = await openPage(browser, "about:blank", { expected: /40[13]/ });
  const { page, context } = opened;
  // as from another machine
  await context.setExtraHTTPHeaders({ "x-forwarded-for": "192.0.2.7" });
  await page.goto(`${gateway.url}/keys`);
  await page.waitForURL(`${gateway.url}/setup`);
  await page.getByText(/Where to find it/).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await page.getByLabel("Setup token").fill("wrong");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("This is not the token of this start of the gateway.").waitFor();
  await page.goto(`${gateway.url}/login`);
  await page.goto(`${gateway.url}/setup#token=${token}`);
  await page.getByLabel("New password").fill(PASSWORD);
  assert.ok(!page.url().includes(token));
  await page.getByLabel("The same again").fill("another one");
  await page.getByRole("button", { name: "Set it and log in" }).click();
  await page.getByText("The two passwords differ.").waitFor();
  await page.getByLabel("The same again").fill(PASSWORD);
  await page.getByRole("button", { name: "Set it and log in" }).click();
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await opened.close();
});
