// What the corridor alone costs a request, without sockets: door, decode, identify, plan, dispatch, relay, settle and record.
// node bench/micro/corridor.ts [requests]

import { priceTargetOf } from "../../src/accounting/charge.ts";
import { bundledPrices } from "../../src/accounting/prices/bundled.ts";
import { PriceShelf } from "../../src/accounting/prices/price-shelf.ts";
import { targetPrice } from "../../src/accounting/prices/target-price.ts";
import { RecordBuffer } from "../../src/accounting/record-buffer.ts";
import { createAccounting } from "../../src/accounting/settle.ts";
import { identify } from "../../src/auth/identify.ts";
import { SnapshotBuilder } from "../../src/config/compile.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import type {
  InboundRequest,
  OutboundCall,
  Reply,
  Upstream,
  UpstreamCall,
  UpstreamHandler,
} from "../../src/core/http.ts";
import { KeyTokens } from "../../src/core/key-tokens.ts";
import { Estimator } from "../../src/governance/estimator.ts";
import { GovernanceTally } from "../../src/governance/governance-tally.ts";
import { Governor } from "../../src/governance/governor.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { findHeadEnd, Head } from "../../src/lib/http1/head.ts";
import { timeOrderedId } from "../../src/lib/ids.ts";
import { randomSeed } from "../../src/lib/random.ts";
import { Pipeline } from "../../src/pipeline/pipeline.ts";
import { catalogue } from "../../src/providers/catalogue.ts";
import { registry } from "../../src/providers/registry.ts";
import { plan } from "../../src/routing/plan.ts";
import { RoutingState } from "../../src/routing/state.ts";
import { createDoor } from "../../src/server/app-door.ts";
import { Bridge } from "../../src/server/bridge.ts";
import { LoopMetrics } from "../../src/telemetry/metrics-loop.ts";
import { answer, shapes } from "../shapes.ts";
import { grantingAdmission } from "./granting.ts";

const count = Number(process.argv[2] ?? 200_000);
const config = {
  providers: {
    openai: {
      keys: [
        { name: "bench-1", value: "sk-bench-1", models: ["*"], weight: 0.7 },
        { name: "bench-2", value: "sk-bench-2", models: ["*"], weight: 0.3 },
      ],
    },
  },
  governance: {
    virtual_keys: [
      {
        name: "bench",
        value: "vk-bench",
        budgets: [{ max_limit: 1e6, reset_duration: "1M" }],
        rate_limit: { request_max_limit: 1e12, request_reset_duration: "1h" },
        provider_configs: [{ provider: "openai", allowed_models: ["gpt-4o-mini"], key_ids: ["*"], weight: 1 }],
      },
    ],
  },
};
const loaded = loadConfiguration({
  appDir: "/tmp",
  configPath: null,
  text: JSON.stringify(config),
  environment: {},
  registry,
  catalogue,
});
if (!loaded.ok) throw new Error("the configuration does not load");
const builder = new SnapshotBuilder(registry, () => {});
builder.apply(loaded.entities, [], 1);
const snapshot = builder.seal();

const answerHead = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(answer)}\r\n\r\n`,
);
const answerBody = Buffer.from(answer);
const upstreamHead = new Head();
upstreamHead.readResponse(answerHead, 0, answerHead.length);
const call: UpstreamCall = { flushed: true, pause() {}, resume() {}, release() {}, abort() {} };
const upstream: Upstream = {
  send(_call: OutboundCall, handler: UpstreamHandler): UpstreamCall {
    queueMicrotask(() => {
      handler.onConnected();
      handler.onHead(200, upstreamHead);
      handler.onBytes(answerBody);
      handler.onEnd();
    });
    return call;
  },
  close() {},
};

let buffers: RecordBuffer | null = null;
const records = new RecordBuffer({
  send: (message) => {
    if (message.type === "records") queueMicrotask(() => buffers?.release(message.buffer));
    return true;
  },
});
buffers = records;
const active = { add() {} };
const prices = new PriceShelf();
prices.setBundled((await bundledPrices()).table);
const { admission, turn } = grantingAdmission();
const governor = new Governor({
  admission,
  tally: new GovernanceTally(),
  estimator: new Estimator(),
  offerOf: (exchange, target) => {
    const price = prices.priceOf(priceTargetOf(exchange, target, target.key, target.model));
    return { price: targetPrice(price, exchange.serviceTier, exchange.acceptedAt), maxOutputTokens: null };
  },
});
const pipeline = new Pipeline({
  live: { tap: null },
  governor,
  prices,
  identify,
  plan,
  state: new RoutingState(),
  upstream,
  tokens: new KeyTokens(upstream, () => systemClock.now()),
  accounting: createAccounting({
    records,
    metrics: new LoopMetrics({ send: () => true }),
    clock: systemClock,
    onFault: (error) => {
      throw error;
    },
  }),
  clock: systemClock,
  seed: randomSeed,
  active,
  log: (_level, text, fields) => console.error(text, fields),
});
const login = { mode: "none", closesInference: false } as const;
const door = createDoor({
  snapshot: () => snapshot,
  run: (exchange, refused) => pipeline.run(exchange, refused),
  operatorRefusal: async () => null,
  control: new Bridge(),
  login: () => login,
  health: () => ({ status: 200, body: "{}" }),
  ids: timeOrderedId,
  clock: systemClock,
});

const body = Buffer.from((shapes[0] as { body: string }).body);
const head = Buffer.from(
  `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nauthorization: Bearer vk-bench\r\ncontent-type: application/json\r\nuser-agent: bench\r\ncontent-length: ${body.length}\r\n\r\n`,
);
let bytesOut = 0;
let answered = () => {};
function reply(): Reply {
  return {
    listener: null,
    gone: false,
    started: false,
    answer(status, headers, parts, done) {
      if (status !== 200) throw new Error(`answered ${status}`);
      bytesOut += headers.length + parts.length;
      done?.();
      setImmediate(answered);
    },
    start: () => true,
    write: () => true,
    end() {},
    fail() {},
  };
}

async function one(): Promise<void> {
  const view = new Head();
  view.readRequest(head, 0, findHeadEnd(head, 0));
  const request: InboundRequest = {
    method: "POST",
    target: "/v1/chat/completions",
    path: "/v1/chat/completions",
    query: "",
    headers: view,
    body: { bytes: body, release() {} },
    peer: { address: "127.0.0.1", loopback: true, secure: false },
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  answered = resolve;
  door.handle(request, reply());
  // the first requests wait for grants
  if (admission.waiting > 0) turn();
  await promise;
}

for (let round = 0; round < 5; round++) {
  const before = process.cpuUsage();
  for (let i = 0; i < count / 5; i++) {
    await one();
    if (i % 16 === 0) turn();
  }
  const { user, system } = process.cpuUsage(before);
  console.log(`${((user + system) / (count / 5)).toFixed(2)} µs of CPU a request (${count / 5} requests)`);
}
process.exit(bytesOut > 0 ? 0 : 1);
