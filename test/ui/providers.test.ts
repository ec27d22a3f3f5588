// The page Providers in a real browser: adding with a recognised key, testing, masked secrets, undo, prices.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");
const SECRET = "gsk_planted-canary-0123456789";

let browser: Browser;
let gateway: TestGateway;

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  browser = await startBrowser();
  gateway = await startTestGateway();
  for (const model of ["demo/echo", "demo/status-500"])
    await post(`${gateway.url}/v1/chat/completions`, { model, messages: [{ role: "user", content: "hello" }] });
  await gateway.logs(2);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

interface Shown {
  readonly name: string;
  readonly keys: { readonly id: string; readonly name: string; readonly weight: number; readonly enabled: boolean }[];
}

async function provider(name: string): Promise<Shown | null> {
  const answer = await fetch(`${gateway.url}/api/providers/${name}`);
  return answer.ok ? ((await answer.json()) as Shown) : null;
}

test("a pasted key tells whose it may be, is added where the person says, and never comes back", async () => {
  const opened = await openPage(browser, `${gateway.url}/providers`);
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  const asked: string[] = [];
  page.on("request", (request) => void (request.method() !== "GET" && asked.push(new URL(request.url()).pathname)));
  await page.getByRole("button", { name: "Add a provider" }).click();
  const form = page.getByRole("dialog", { name: "Add a provider" });
  await form.getByLabel("Paste a key").fill(SECRET);
  await form.getByText("This looks like a key of Groq.").waitFor();
  assert.deepEqual(asked, [], "the key is sent nowhere before it is confirmed");
  await form.getByRole("button", { name: "Use it for Groq" }).click();
  assert.equal(await form.getByLabel("API key").inputValue(), SECRET);
  await form.getByText("How it is reached").click();
  assert.deepEqual(await axeFindings(page), []);
  await form.getByLabel("Further tries").fill("1");
  await form.getByRole("button", { name: "Add", exact: true }).click();
  await form.waitFor({ state: "detached" });
  await page.getByTestId("provider-groq").getByTestId("key-main").waitFor();
  await page.getByRole("button", { name: "Edit main" }).click();
  const key = page.getByRole("dialog", { name: "Key main of groq" });
  const masked = await key.getByLabel("API key").inputValue();
  assert.notEqual(masked, SECRET);
  assert.doesNotMatch(await page.content(), /planted-canary/);
  await key.getByLabel("Weight").fill("0.25");
  await key.getByRole("button", { name: "Save" }).click();
  await key.waitFor({ state: "detached" });
  assert.equal((await provider("groq"))?.keys[0]?.weight, 0.25);
  const after = (await (await fetch(`${gateway.url}/api/providers/groq`)).text()).includes(masked);
  assert.ok(after, "a mask that comes back keeps the secret");
  await opened.close();
});

test("one of your own, a key whose variable is missing, on and off, a delete that is undone", async () => {
  const opened = await openPage(browser, `${gateway.url}/providers`, { expected: /400/ });
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  await page.getByRole("button", { name: "Add a provider" }).click();
  const form = page.getByRole("dialog", { name: "Add a provider" });
  await form.getByRole("button", { name: "Your own" }).click();
  await form.getByLabel("Name", { exact: true }).fill("mine");
  await form.getByLabel("API key").fill("env.NOT_SET_HERE");
  await form.getByLabel("Base URL").fill("nonsense");
  await form.getByRole("button", { name: "Add", exact: true }).click();
  await form.getByRole("alert").first().waitFor();
  assert.equal(await form.getByLabel("Base URL").inputValue(), "nonsense", "what was typed stays");
  assert.equal(await provider("mine"), null, "nothing is half-saved");
  await form.getByLabel("Base URL").fill("http://127.0.0.1:9");
  await form.getByRole("button", { name: "Add", exact: true }).click();
  await form.waitFor({ state: "detached" });
  await page.getByText("1 key cannot be used.").waitFor();
  await page
    .getByText(/environment variable NOT_SET_HERE is not set/)
    .first()
    .waitFor();
  const own = page.getByTestId("provider-mine");
  await own.getByRole("switch", { name: "main is on" }).click();
  await own.getByRole("switch", { name: "main is on", checked: false }).waitFor();
  assert.equal((await provider("mine"))?.keys[0]?.enabled, false);
  await own.getByRole("button", { name: "Delete", exact: true }).click();
  await own.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await own.waitFor();
  assert.notEqual(await provider("mine"), null);
  await opened.close();
});

test("shares and errors are those of the traffic; nothing can be moved sideways on a phone, in both themes", async () => {
  for (const theme of ["light", "dark"] as const) {
    const opened = await openPage(browser, `${gateway.url}/providers?open=demo`, { theme, width: 360, height: 800 });
    const { page } = opened;
    page.setDefaultTimeout(20_000);
    await page.getByTestId("provider-demo").getByText("100 %").waitFor();
    await page.getByTestId("provider-demo").getByText("50 %").waitFor();
    assert.equal(await sidewaysScroll(page), 0);
    assert.deepEqual(await axeFindings(page), []);
    await page.goto(`${gateway.url}/providers?tab=models&q=echo`);
    await page.getByTestId("models").getByText("echo", { exact: true }).first().waitFor();
    assert.equal(await sidewaysScroll(page), 0);
    assert.deepEqual(await axeFindings(page), []);
    await opened.close();
  }
});

test("a price is set by hand and taken off", async () => {
  const opened = await openPage(browser, `${gateway.url}/providers?tab=models&q=echo&provider=demo`);
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  await page.getByRole("button", { name: "Set price of echo", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Price of echo" });
  await form.getByLabel("Input").fill("2.5");
  await form.getByRole("button", { name: "Set price" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByText("$2.50").first().waitFor();
  await page.getByRole("button", { name: "Set price of echo", exact: true }).click();
  await form.getByRole("button", { name: "Take it off" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByText("$2.50").waitFor({ state: "detached" });
  await opened.close();
});
