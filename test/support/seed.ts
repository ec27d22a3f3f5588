// A house for pictures of the UI: a gateway whose clock stands still over seeded requests, keys, budgets and a key that rests.
import { rmSync } from "node:fs";
import type { Page } from "playwright-core";
import { type FaultUpstream, startFaultUpstream } from "./fault-upstream.ts";
import { post, startTestGateway, type TestGateway, temporaryFolder } from "./gateway.ts";
import { standingClock } from "./moved-clock.ts";
import { SEED_NOW, seedConfig } from "./seed-config.ts";
import { writeSeedRows } from "./seed-rows.ts";

export { SEED_NOW } from "./seed-config.ts";

export interface SeededHouse {
  readonly gateway: TestGateway;
  /** The upstream that all its providers are. */
  readonly upstream: FaultUpstream;
  close(): Promise<void>;
}

export interface SeedOptions {
  /** No requests, keys or providers besides the demo. */
  readonly empty?: boolean;
}

/** The same at each start: clock, rows, keys, budgets. */
export async function startSeededHouse(options: SeedOptions = {}): Promise<SeededHouse> {
  let throttled = "";
  const upstream = await startFaultUpstream({
    behaviour: (request) => (request.model === throttled ? "status-429-retry-after-300" : null),
  });
  const clock = standingClock(SEED_NOW);
  const appDir = temporaryFolder("seed");
  if (options.empty !== true) writeSeedRows(appDir, SEED_NOW);
  const { url } = upstream;
  const config =
    options.empty === true ? undefined : seedConfig({ openai: url, azure: url, anthropic: url, groq: url });
  const gateway = await startTestGateway({ appDir, config, environment: { ...clock.environment, TZ: "UTC" } });
  if (options.empty !== true) {
    // the only key of groq is told to rest, as it would be by the provider
    throttled = "house-model-7b";
    await post(`${gateway.url}/v1/chat/completions`, {
      model: "groq/house-model-7b",
      messages: [{ role: "user", content: "hello" }],
    });
    throttled = "";
  }
  return {
    gateway,
    upstream,
    async close() {
      await gateway.stop();
      await upstream.close();
      clock.close();
      rmSync(appDir, { recursive: true, force: true });
    },
  };
}

/** The page's clock stands where the gateway's does; its timers go on. Before the first page is opened. */
export async function standStill(page: Page): Promise<void> {
  await page.clock.setFixedTime(SEED_NOW);
}
