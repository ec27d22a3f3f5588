// Reasoning signatures that carry their issuer's mark never reach a provider as they are.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";

let upstream: FaultUpstream;
let gateway: TestGateway;

before(async () => {
  upstream = await startFaultUpstream();
  const network_config = { base_url: upstream.url };
  const keys = [{ name: "k", value: "sk-1", models: ["*"], weight: 1 }];
  gateway = await startTestGateway({
    config: { providers: { openai: { keys, network_config }, anthropic: { keys, network_config } } },
  });
});

after(async () => {
  await gateway.stop();
  await upstream.close();
});

const thinking = (signature: string) => [
  { role: "user", content: "hi" },
  {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "hm", signature },
      { type: "text", text: "yes" },
    ],
  },
  { role: "user", content: "and?" },
];

test("a signature of another issuer is taken out before it reaches Anthropic", async () => {
  const body = { model: "echo", max_tokens: 100, messages: thinking("dbsig:openrouter:AAAA") };
  const answer = await post(`${gateway.url}/anthropic/v1/messages`, body, { "x-api-key": "none" });
  assert.equal(answer.status, 200, answer.text);
  const sent = upstream.requests.at(-1)?.body.toString() ?? "";
  assert.ok(!sent.includes("dbsig:") && !sent.includes("AAAA"), sent);
});

test("Anthropic's own signature goes on byte for byte", async () => {
  const body = { model: "echo", max_tokens: 100, messages: thinking("own+signature==") };
  const answer = await post(`${gateway.url}/anthropic/v1/messages`, body, { "x-api-key": "none" });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(JSON.parse(upstream.requests.at(-1)?.body.toString() ?? ""), body);
});
