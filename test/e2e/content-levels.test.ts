// What is kept of a request's content is what its level says, and nothing else of it is in any file or page.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { change } from "../support/admin-calls.ts";
import type { Question, Reply } from "../support/conversation.ts";
import type { LogRow } from "../support/gateway.ts";
import { type Rig, startRig } from "../support/rig.ts";

const SECRET = `sk-proj-${randomUUID().replaceAll("-", "")}Aa1`;
const LEVELS = ["off", "ends", "full", "redacted"] as const;
type Level = (typeof LEVELS)[number];

let rig: Rig;
let provider = "";
const keys = new Map<Level, string>();

before(async () => {
  rig = await startRig(
    { plain: { base: "openai", count: 4 } },
    {
      client: {
        logging_headers: ["x-region"],
        allow_per_request_content_storage_override: true,
      },
    },
  );
  provider = rig.fresh("plain", () => "echo");
  for (const level of LEVELS) {
    const made = await change(rig.gateway.url, "POST", "/api/governance/virtual-keys", {
      name: `key-${level}`,
      content_level: level,
      provider_configs: ["*"].map(() => ({ provider, allowed_models: ["*"] })),
    });
    assert.equal(made.status, 200, JSON.stringify(made.json));
    keys.set(level, made.json.virtual_key.value);
  }
});

after(async () => {
  await rig?.close();
});

const messages = (last: string) => [
  { role: "system", content: "Be brief." },
  { role: "user", content: "an earlier question" },
  { role: "assistant", content: "an earlier answer" },
  { role: "user", content: last },
];

function chat(level: Level, last: string, more: Partial<Question> = {}): Promise<Reply> {
  const { headers, fields, ...rest } = more;
  return rig.ask({
    model: `${provider}/gpt-4o`,
    headers: { "x-bf-vk": keys.get(level) ?? "", ...headers },
    fields: { messages: messages(last), ...fields },
    ...rest,
  });
}

/** The row with all that is kept of its content, which may come a little later than the row. */
async function whole(reply: Reply, isReady: (row: LogRow) => boolean = () => true): Promise<LogRow> {
  const { id } = await rig.row(reply);
  for (let i = 0; ; i++) {
    const { json } = await change(rig.gateway.url, "GET", `/api/logs/${id}`);
    if (isReady(json as LogRow) || i === 100) return json as LogRow;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Names of the files of the app dir that hold the text. */
function filesWith(text: string): string[] {
  return readdirSync(rig.gateway.appDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

for (const stream of [false, true]) {
  const how = stream ? "streamed" : "whole";

  test(`off keeps nothing of a ${how} request: a planted prompt is in no file`, async () => {
    const canary = `canary-${randomUUID()}`;
    const row = await whole(await chat("off", canary, { stream }));
    assert.equal(row["content_level"], "off");
    assert.deepEqual([row["content_hidden"], row["input_history"], row["output_message"]], [true, [], null]);
    assert.deepEqual([row["raw_request"], row["raw_response"]], [null, null]);
    assert.deepEqual(filesWith(canary), []);
    assert.equal(rig.gateway.output().includes(canary), false);
  });

  test(`ends keeps the last text of the user and the answer of a ${how} request, and of the rest role and length`, async () => {
    const canary = `canary-${randomUUID()}`;
    const row = await whole(await chat("ends", canary, { stream }));
    assert.equal(row["content_level"], "ends");
    const history = row["input_history"] as { role: string; content: string; kind: string; bytes: number }[];
    assert.deepEqual(
      history.map(({ role, content, kind, bytes }) => [role, content, kind, bytes]),
      [
        ["system", "", "text", 9],
        ["user", "", "text", 19],
        ["assistant", "", "text", 17],
        ["user", canary, "text", canary.length],
      ],
    );
    assert.match((row["output_message"] as { content: string }).content, new RegExp(canary));
    assert.deepEqual(filesWith("an earlier question"), []);
  });

  test(`redacted stores no planted key of a ${how} request`, async () => {
    const row = await whole(await chat("redacted", `my key is ${SECRET}, mail jane@example.com`, { stream }));
    assert.equal(row["content_level"], "redacted");
    const history = row["input_history"] as { content: string }[];
    assert.equal(history.at(-1)?.content, "my key is [secret], mail [email]");
    assert.match((row["output_message"] as { content: string }).content, /\[secret\]/);
    assert.deepEqual(filesWith(SECRET), []);
    assert.deepEqual(filesWith("jane@example.com"), []);
  });

  test(`full keeps a ${how} request and its answer to the last byte`, async () => {
    const long = `${"long ".repeat(20_000)}${randomUUID()}`;
    const reply = await chat("full", long, { stream });
    const row = await whole(reply, (found) => found["raw_request"] !== null);
    assert.deepEqual([row["content_level"], row["content_dropped"]], ["full", false]);
    const request = JSON.parse(row["raw_request"] as string) as { messages: { content: string }[] };
    assert.deepEqual(request.messages, messages(long));
    const answer = row["raw_response"] as string;
    assert.ok(
      answer.length > 100 && (stream ? answer.trimEnd().endsWith("[DONE]") : typeof JSON.parse(answer) === "object"),
    );
    assert.deepEqual(
      (row["input_history"] as { content: string }[]).map(({ content }) => content),
      messages(long).map(({ content }) => content),
    );
  });
}

test("a request may ask for nothing to be kept", async () => {
  const canary = `canary-${randomUUID()}`;
  const row = await whole(await chat("full", canary, { headers: { "x-bf-disable-content-logging": "true" } }));
  assert.deepEqual([row["content_level"], row["raw_request"]], ["off", null]);
  assert.deepEqual(filesWith(canary), []);
});

test("a row tells user, app, session, tags and the gateway's own time", async () => {
  const headers = {
    "x-bf-dim-team": "search",
    "x-bf-session-id": "s-1",
    "x-region": "eu",
    "user-agent": "OpenAI/Python 1.99",
  };
  const row = await whole(await chat("ends", "hi", { headers, fields: { user: "jane" } }));
  assert.deepEqual([row["user_id"], row["app"], row["session_id"]], ["jane", "openai-python", "s-1"]);
  assert.deepEqual(row["metadata"], { team: "search", "x-region": "eu" });
  const overhead = row["overhead_us"] as number;
  assert.ok(overhead > 0 && overhead <= (row["latency"] as number) * 1000 + 1, String(overhead));
});

test("a refused request is a row with what was known of it", async () => {
  const headers = {
    "x-bf-vk": "sk-bf-unknown",
    "x-bf-dim-user": "jane",
    "x-bf-session-id": "s-2",
    "user-agent": "curl/8",
  };
  const row = await whole(await rig.ask({ model: `${provider}/gpt-4o`, headers }));
  assert.ok((row["status_code"] as number) >= 400);
  assert.deepEqual(
    [row["user_id"], row["app"], row["session_id"], row["requested_model"]],
    ["jane", "curl", "s-2", `${provider}/gpt-4o`],
  );
  const broken = await whole(await rig.ask({ model: "", headers: { ...headers, "x-bf-vk": keys.get("ends") ?? "" } }));
  assert.deepEqual([broken["status_code"], broken["user_id"], broken["attempts"]], [400, "jane", []]);
});

test("a failover is one record whose attempts follow one another to the millisecond", async () => {
  const failing = rig.fresh("plain", () => "status-503");
  const reply = await rig.ask({ model: `${failing}/gpt-4o`, fallbacks: [`${provider}/gpt-4o`] });
  const row = await whole(reply);
  assert.deepEqual([reply.status, row["status_code"], row.status], [200, 200, "success"]);
  const [first, second] = row.attempts;
  assert.deepEqual([first?.status, second?.status, row.attempts.length], [503, 200, 2]);
  assert.ok((first?.start ?? -1) >= 0 && (first?.end ?? -1) <= (second?.start ?? -1));
  assert.ok((second?.end ?? -1) <= (row["latency"] as number) + 1);
  const { total } = await change(rig.gateway.url, "GET", `/api/logs?client_request_id=${reply.mark}`).then(
    ({ json }) => ({
      total: (json as { pagination: { total_count: number } }).pagination.total_count,
    }),
  );
  assert.equal(total, 1);
});
