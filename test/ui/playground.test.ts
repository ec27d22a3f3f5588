// The playground in a real browser: as a virtual key, side by side, stopped, refused, with tools, opened from a record.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");

let browser: Browser;
let upstream: FaultUpstream;
let gateway: TestGateway;

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  browser = await startBrowser();
  upstream = await startFaultUpstream();
  const provider_configs = [{ provider: "openai", weight: 1 }];
  gateway = await startTestGateway({
    config: {
      providers: {
        openai: { keys: [{ name: "main", value: "sk-play", weight: 1 }], network_config: { base_url: upstream.url } },
      },
      governance: {
        virtual_keys: [
          ...Array.from({ length: 30 }, (_, index) => ({
            id: `vk-${index}`,
            name: `key ${index}`,
            value: `sk-bf-play-${index}`,
            provider_configs,
          })),
          {
            id: "vk-spent",
            name: "spent",
            value: "sk-bf-play-spent",
            provider_configs,
            budget: { max_limit: 0.000001, reset_duration: "1d" },
          },
        ],
      },
    },
  });
  for (let count = 0; count < 2; count++)
    await post(
      `${gateway.url}/v1/chat/completions`,
      { model: "openai/gpt-4o", messages: [{ role: "user", content: "spend" }] },
      { "x-bf-vk": "sk-bf-play-spent" },
    );
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  await upstream?.close();
});

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
}

test("a chat as a virtual key that was searched for is charged to it, and tells its route, times, cost and record", async () => {
  const opened = await openPage(browser, `${gateway.url}/playground?model=openai/gpt-4o`);
  const { page } = opened;
  await page.getByRole("button", { name: "As", exact: true }).click();
  await page.getByRole("combobox", { name: "Search As" }).fill("key 29");
  await page.getByRole("option", { name: /^key 29/ }).click();
  await say(page, "hello there <b>you</b>");
  const answer = page.getByTestId("answer");
  await answer.getByText("You said: hello there <b>you</b>").waitFor();
  await answer.getByRole("link", { name: "Open its record" }).waitFor();
  await answer.getByText("First token").waitFor();
  await answer
    .locator("dd")
    .filter({ hasText: /^<?\$0\.000/ })
    .waitFor();
  await answer.getByRole("button", { name: "Timeline" }).click();
  await answer.getByText("openai", { exact: true }).first().waitFor();
  await answer.getByRole("button", { name: "As code" }).click();
  const code = await answer.getByRole("region", { name: "the call in curl" }).textContent();
  assert.match(code ?? "", /DRAWBRIDGE_KEY/);
  assert.doesNotMatch(code ?? "", /sk-bf/);
  assert.deepEqual(await axeFindings(page), []);
  await say(page, "and again");
  await page.getByText("You said: and again").waitFor();
  const sent = upstream.requests.at(-1)?.json as { messages: { role: string }[] };
  assert.deepEqual(
    sent.messages.map(({ role }) => role),
    ["user", "assistant", "user"],
  );
  const rows = await gateway.logs(2, "apps=playground&virtual_key_ids=vk-29");
  assert.equal(rows.length, 2);
  await opened.close();
});

test("two models answer side by side, and one without a price says so", async () => {
  const opened = await openPage(browser, `${gateway.url}/playground?model=openai/gpt-4o&model2=openai/never-priced`, {
    theme: "dark",
  });
  const { page } = opened;
  await say(page, "both of you");
  await page.getByTestId("answer-text").nth(1).getByText("You said: both of you").waitFor();
  await page.getByTestId("answer").nth(1).getByText("unknown price").waitFor();
  const set = await page.getByRole("link", { name: "set one" }).getAttribute("href");
  assert.equal(set, "/providers?tab=models&provider=openai&q=never-priced");
  assert.deepEqual(await axeFindings(page), []);
  await opened.close();
});

test("an answer can be stopped, and its record is found all the same", async () => {
  const opened = await openPage(browser, `${gateway.url}/playground?model=openai/slow-stream`);
  const { page } = opened;
  await say(page, "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen");
  await page.getByTestId("answer-text").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("stopped", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Open its record" }).waitFor();
  const [row] = await gateway.logs(1, "apps=playground&models=slow-stream");
  assert.equal(row?.status, "cancelled");
  await opened.close();
});

test("a used-up budget is told as the client sees it, with the limit and the way to raise it", async () => {
  const opened = await openPage(browser, `${gateway.url}/playground?model=openai/gpt-4o&vk=vk-spent`, {
    expected: /402/,
  });
  const { page } = opened;
  await say(page, "more");
  const answer = page.getByTestId("answer");
  await answer.getByText(/402 budget_exceeded/).waitFor();
  await answer.getByText("Virtual key spent: budget").waitFor();
  await answer.getByRole("link", { name: "Raise" }).waitFor();
  await answer.getByText("The answer as the client gets it").click();
  await answer.getByText('"status_code": 402').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await opened.close();
});

test("tools are checked as they are typed", async () => {
  const opened = await openPage(browser, `${gateway.url}/playground?model=openai/gpt-4o`);
  const { page } = opened;
  const tools = page.getByRole("textbox", { name: "Tools" });
  await tools.fill('[{"type": "function", "function": {"name": "two words"}}]');
  await page.getByText(/Tool 1: "function.name"/).waitFor();
  await page.getByRole("textbox", { name: "Message" }).fill("hi");
  assert.ok(await page.getByRole("button", { name: "Send" }).isDisabled());
  await tools.fill("");
  await page.getByRole("button", { name: "Insert a sample" }).click();
  await page.getByText("1 tool", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("You said: hi").waitFor();
  const sent = upstream.requests.at(-1)?.json as { tools?: unknown[] };
  assert.equal(sent.tools?.length, 1);
  await opened.close();
});

test("a request of the log opens with its model and message, and what was not kept is told", async () => {
  const before = await post(`${gateway.url}/v1/chat/completions`, {
    model: "openai/gpt-4o-mini",
    messages: [{ role: "user", content: "ask me again" }],
  });
  const id = before.headers.get("x-request-id") ?? "";
  await gateway.logs(1, "models=gpt-4o-mini");
  const opened = await openPage(browser, `${gateway.url}/playground?from=${id}`);
  const { page } = opened;
  await page.getByText(/Opened from/).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Message" }).inputValue(), "ask me again");
  assert.equal(new URL(page.url()).searchParams.get("model"), "openai/gpt-4o-mini");
  await page.getByText(/content level “ends”/).waitFor();
  await opened.close();
});

test("the catalogue tells models with prices, and takes the one that is chosen", async () => {
  const opened = await openPage(browser, `${gateway.url}/playground`);
  const { page } = opened;
  await page.getByRole("button", { name: "Browse models and prices" }).click();
  const dialog = page.getByRole("dialog", { name: "Models and prices" });
  await dialog.getByRole("searchbox", { name: "Find" }).fill("slow-st");
  await dialog.getByRole("button", { name: "openai/slow-stream", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).searchParams.get("model"), "openai/slow-stream");
  await opened.close();
});

test("at 360 px it is one column and nothing moves sideways", async () => {
  const opened = await openPage(browser, `${gateway.url}/playground?model=openai/gpt-4o&model2=openai/gpt-4o-mini`, {
    width: 360,
    height: 740,
  });
  const { page } = opened;
  await say(page, "small");
  await page.getByTestId("answer-text").nth(1).waitFor();
  await page.getByRole("link", { name: "Open its record" }).nth(1).waitFor();
  assert.equal(await sidewaysScroll(page), 0);
  await page.getByRole("button", { name: "Settings", exact: true }).first().click();
  await page.getByRole("textbox", { name: "System prompt" }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await opened.close();
});
