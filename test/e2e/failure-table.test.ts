// The failover table row by row, from outside: what the provider saw, what the client got, what the record says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { anthropicForm } from "../../src/providers/demo/anthropic-form.ts";
import type { RefusalKind } from "../../src/providers/demo/form.ts";
import { openaiForm } from "../../src/providers/demo/openai-form.ts";
import { type Dialect, errorOf, isWhole, type Reply, textOf } from "../support/conversation.ts";
import type { LogRow } from "../support/gateway.ts";
import { type Behaviour, type Rig, startRig } from "../support/rig.ts";

const BACKOFF = { retry_backoff_initial: 60, retry_backoff_max: 200 };
const TWICE = { max_retries: 2, ...BACKOFF };

let rig: Rig;

before(async () => {
  const bases = [
    ["", "openai"],
    ["claude-", "anthropic"],
  ] as const;
  const kinds = bases.flatMap(([prefix, base]) => [
    [`${prefix}one`, { base, count: 100 }],
    [`${prefix}retrying`, { base, count: 100, network: TWICE }],
    [`${prefix}keys`, { base, keys: 3, count: 100 }],
    [`${prefix}retrying-keys`, { base, keys: 3, count: 100, network: TWICE }],
  ]);
  rig = await startRig(Object.fromEntries(kinds));
});

after(() => rig.close());

type Kind = "one" | "retrying" | "keys" | "retrying-keys";

/** One way through, with a provider of its own. */
interface Form {
  readonly name: string;
  readonly dialect: Dialect;
  readonly stream: boolean;
  readonly provider: string;
  /** Of the other dialect, always well. */
  readonly spare: string;
  readonly base: Dialect;
}

function formsOf(kind: Kind, behaviour?: Behaviour): Form[] {
  return (["openai", "anthropic"] as const).flatMap((dialect) =>
    (["openai", "anthropic"] as const).flatMap((base) =>
      [false, true].map((stream) => {
        const provider = rig.fresh(base === "openai" ? kind : `claude-${kind}`, behaviour);
        const spare = base === "openai" ? "claude-one99" : "one99";
        const name = `${dialect} client, ${base} provider${stream ? ", streamed" : ""}`;
        return { name, dialect, stream, provider, spare, base };
      }),
    ),
  );
}

interface Story {
  readonly form: Form;
  readonly reply: Reply;
  readonly row: LogRow;
  /** `KEY STATUS OUTCOME, REASON` per attempt; keys of the provider as k1, k2 …, the second target as spare. */
  readonly attempts: string[];
}

async function tell(form: Form, model: string, more: { fallback?: boolean; headers?: Record<string, string> } = {}) {
  const { dialect, stream, provider, spare } = form;
  const reply = await rig.ask({
    dialect,
    stream,
    model: `${provider}/${model}`,
    ...(more.fallback === false ? {} : { fallbacks: [`${spare}/echo`] }),
    ...(more.headers === undefined ? {} : { headers: more.headers }),
  });
  const row = await rig.row(reply);
  const short = (key: string): string => (key.startsWith(`${spare}-`) ? "spare" : key.replace(`${provider}-`, "k"));
  const attempts = row.attempts.map(
    ({ key, status, outcome, reason }) => `${short(key)} ${status ?? 0} ${outcome || "ok"}, ${reason}`,
  );
  const sent = rig.seen(reply).map(({ key }) => short(key.replace("sk-", "")));
  // Attempts on a stale connection never arrived.
  const arrived = attempts.filter((_, i) => attempts[i + 1]?.endsWith(", fresh connection") !== true);
  assert.deepEqual(
    sent.toSorted(),
    (model.startsWith("cut-before") ? attempts : arrived).map((text) => text.split(" ")[0]).toSorted(),
    `${form.name}: the provider and the record disagree: ${attempts.join("; ")}`,
  );
  const story: Story = { form, reply, row, attempts };
  return story;
}

/** The attempts, those for stale connections left away. */
function plain({ attempts }: Story): string[] {
  return attempts
    .filter((_, i) => attempts[i + 1]?.endsWith(", fresh connection") !== true)
    .map((text) => text.replace("fresh connection", "planned"));
}

function assertWell({ reply, form, row }: Story): void {
  assert.equal(reply.status, 200, `${form.name}: ${reply.text}`);
  assert.ok(textOf(reply).includes(reply.mark), form.name);
  if (form.stream) assert.ok(isWhole(reply), form.name);
  assert.equal(row.status, "success", form.name);
}

async function each(forms: readonly Form[], check: (form: Form) => Promise<void>): Promise<void> {
  await Promise.all(forms.map(check));
}

const times = (count: number, text: string): string[] => Array<string>(count).fill(text);

test("a reset before an answer: the same key again with backoff, no other key, then the next provider", async () => {
  await each(formsOf("retrying-keys"), async (form) => {
    const story = await tell(form, "cut-before-head");
    assertWell(story);
    const kept = story.attempts.filter((text) => !text.endsWith("fresh connection"));
    assert.deepEqual(
      kept,
      ["k1 0 transport, planned", ...times(2, "k1 0 transport, same key again"), "spare 200 ok, next provider"],
      form.name,
    );
    assert.ok(story.attempts.length <= kept.length + 1, "a stale connection is replaced at once, once");
    assertBackoff(story);
  });
});

/** Between a failed try and the next one with the same key lies the backoff. */
function assertBackoff({ row, form }: Story): void {
  const again = row.attempts.map((attempt, i) => [attempt, row.attempts[i - 1]] as const);
  let longest = 0;
  for (const [attempt, before] of again)
    if (attempt.reason === "same key again" && before !== undefined) {
      const waited = attempt.start - before.end;
      assert.ok(waited >= 0.8 * BACKOFF.retry_backoff_initial - 3, `${form.name}: waited ${waited} ms only`);
      longest = Math.max(longest, waited);
    }
  assert.ok(longest >= 1.6 * BACKOFF.retry_backoff_initial - 3, `${form.name}: the wait does not grow: ${longest} ms`);
}

test("a timeout: neither the key again nor another key, but the next provider", async () => {
  await each(formsOf("retrying-keys"), async (form) => {
    const story = await tell(form, "stall-before-head");
    assertWell(story);
    assert.deepEqual(plain(story), ["k1 0 timeout, planned", "spare 200 ok, next provider"], form.name);
    assert.ok(story.reply.took < 1_900, `${form.name}: took ${story.reply.took} ms`);
  });
});

for (const status of [500, 502, 503, 504, 529])
  test(`${status} with one key: the same key again with backoff up to max_retries, then the next provider`, async () => {
    const forms = formsOf("retrying");
    // All ways for one status, two ways for the others.
    await each(status === 500 ? forms : forms.filter((_, i) => i % 5 === 0), async (form) => {
      const story = await tell(form, `status-${status}`);
      assertWell(story);
      assert.deepEqual(
        plain(story),
        [
          `k1 ${status} server-error, planned`,
          ...times(2, `k1 ${status} server-error, same key again`),
          "spare 200 ok, next provider",
        ],
        form.name,
      );
      assertBackoff(story);
      assert.equal(story.row.fallback_index, 1);
    });
  });

test("500 with several keys: each of the max_retries tries takes another key", async () => {
  await each(formsOf("retrying-keys"), async (form) => {
    const story = await tell(form, "status-500");
    assertWell(story);
    assert.deepEqual(
      plain(story),
      [
        "k1 500 server-error, planned",
        "k2 500 server-error, other key",
        "k3 500 server-error, other key",
        "spare 200 ok, next provider",
      ],
      form.name,
    );
  });
});

test("500 with several keys and no retries: the next provider at once", async () => {
  await each(formsOf("keys"), async (form) => {
    const story = await tell(form, "status-500");
    assert.deepEqual(plain(story), ["k1 500 server-error, planned", "spare 200 ok, next provider"], form.name);
  });
});

test("a failure that passes is over with the try that succeeds", async () => {
  await each(formsOf("retrying"), async (form) => {
    const story = await tell(form, "fail-then-ok-2");
    assertWell(story);
    assert.deepEqual(plain(story).at(-1), "k1 200 ok, same key again", form.name);
    assert.equal(story.row["number_of_retries"], 2);
    assert.equal(story.row.fallback_index, 0);
  });
});

for (const behaviour of ["truncated-json", "error-in-200", "redirect", "no-choices", "html-200"])
  test(`${behaviour} is a server error: it is tried again within max_retries`, async () => {
    const [form] = formsOf("retrying").filter((_, i) => i % 2 === 0);
    const story = await tell(form as Form, behaviour);
    assertWell(story);
    assert.deepEqual(
      plain(story).map((text) => text.replace(/ \d+ /, " ")),
      ["k1 server-error, planned", ...times(2, "k1 server-error, same key again"), "spare ok, next provider"],
    );
  });

test("429: another key at once and outside max_retries, then the next provider", async () => {
  await each(formsOf("keys"), async (form) => {
    const story = await tell(form, "throttle");
    assertWell(story);
    assert.deepEqual(
      plain(story),
      [
        "k1 429 rate-limited, planned",
        "k2 429 rate-limited, other key",
        "k3 429 rate-limited, other key",
        "spare 200 ok, next provider",
      ],
      form.name,
    );
    assert.ok(story.reply.took < 900, `${form.name}: waited, ${story.reply.took} ms`);
  });
});

test("429 with no other key or target: again with backoff within max_retries, where the provider names no time", async () => {
  await each(formsOf("retrying"), async (form) => {
    const story = await tell(form, "throttle", { fallback: false });
    assert.equal(story.reply.status, 429, form.name);
    assert.deepEqual(
      plain(story),
      ["k1 429 rate-limited, planned", ...times(2, "k1 429 rate-limited, same key again")],
      form.name,
    );
    assertBackoff(story);
  });
});

test("429 whose Retry-After is longer than the backoff is not slept out: the client is told when to come back", async () => {
  for (const behaviour of ["status-429-retry-after-2", "throttle-date", "throttle-headers"])
    await each(formsOf("retrying").slice(0, behaviour === "throttle-date" ? 1 : 8), async (form) => {
      if (behaviour === "throttle-headers" && form.base === "anthropic") return;
      const story = await tell(form, behaviour, { fallback: false });
      assert.equal(story.reply.status, 429, form.name);
      assert.match(story.reply.headers.get("retry-after") ?? "", /^[12]$/, `${form.name}, ${behaviour}`);
      assert.deepEqual(plain(story), ["k1 429 rate-limited, planned"], form.name);
      assert.equal(errorOf(story.reply.json, form.dialect).type.includes("error") || form.base === "openai", true);
    });
});

test("429 with another target: that one at once, although the key could be tried again", async () => {
  await each(formsOf("retrying"), async (form) => {
    const story = await tell(form, "throttle");
    assert.deepEqual(plain(story), ["k1 429 rate-limited, planned", "spare 200 ok, next provider"], form.name);
  });
});

for (const status of [401, 402, 403])
  test(`${status}: another key at once and outside max_retries, then the next provider`, async () => {
    const forms = formsOf("keys");
    await each(status === 401 ? forms : forms.filter((_, i) => i % 5 === 0), async (form) => {
      const story = await tell(form, `status-${status}`);
      assertWell(story);
      assert.deepEqual(
        plain(story),
        [
          `k1 ${status} key-rejected, planned`,
          `k2 ${status} key-rejected, other key`,
          `k3 ${status} key-rejected, other key`,
          "spare 200 ok, next provider",
        ],
        form.name,
      );
    });
  });

const byKey: Behaviour = ({ key }) => (key.endsWith("-1") ? "status-401" : key.endsWith("-2") ? "throttle" : null);

test("only what is not 401, 402, 403 or 429 counts against max_retries", async () => {
  await each(formsOf("retrying-keys", byKey), async (form) => {
    const story = await tell(form, "status-500");
    assert.deepEqual(
      plain(story),
      [
        "k1 401 key-rejected, planned",
        "k2 429 rate-limited, other key",
        "k3 500 server-error, other key",
        ...times(2, "k3 500 server-error, same key again"),
        "spare 200 ok, next provider",
      ],
      form.name,
    );
  });
});

test("404, unknown model: the next target where one is planned, else the client gets it", async () => {
  await each(formsOf("retrying-keys"), async (form) => {
    const story = await tell(form, "unknown-model");
    assertWell(story);
    assert.deepEqual(plain(story), ["k1 404 model-not-found, planned", "spare 200 ok, next provider"], form.name);
    const alone = await tell(form, "unknown-model", { fallback: false });
    assert.equal(alone.reply.status, 404, form.name);
    assert.equal(alone.attempts.length, 1);
    errorOf(alone.reply.json, form.dialect);
  });
});

const REJECTIONS: readonly (readonly [behaviour: string, status: number, kind: RefusalKind])[] = [
  ["status-400", 400, "invalid-request"],
  ["status-413", 413, "invalid-request"],
  ["status-422", 422, "invalid-request"],
  ["content-policy", 400, "content-policy"],
];

for (const [behaviour, status, kind] of REJECTIONS)
  test(`${behaviour}: no other key, no other provider, the caller gets it, byte for byte in his own dialect`, async () => {
    await each(formsOf("retrying-keys").slice(0, kind === "content-policy" ? 8 : 4), async (form) => {
      const story = await tell(form, behaviour);
      assert.equal(story.reply.status, status, form.name);
      assert.deepEqual(plain(story), [`k1 ${status} rejected, planned`], form.name);
      const told = (form.base === "openai" ? openaiForm : anthropicForm).refusal(kind, "");
      if (form.base === form.dialect) assert.equal(story.reply.text, JSON.stringify(told), form.name);
      else
        assert.equal(errorOf(story.reply.json, form.dialect).message, (told["error"] as { message: string }).message);
    });
  });

const short: Behaviour = ({ model }) => (model === "gpt-4" || model === "gpt-4o" ? "context-length" : null);

test("a context that is too long goes only to a planned target with a larger known window", async () => {
  for (const stream of [false, true]) {
    const provider = rig.fresh("one", short);
    const other = rig.fresh("one");
    const fallbacks = [`${other}/of-unknown-size`, `${other}/gpt-4`, `${other}/gpt-3.5-turbo`];
    const reply = await rig.ask({ model: `${provider}/gpt-4`, stream, fallbacks });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(rig.keysSeen(reply), [`${provider}-1 gpt-4`, `${other}-1 gpt-3.5-turbo`]);
    const refused = await rig.ask({ model: `${provider}/gpt-4o`, stream, fallbacks });
    assert.equal(refused.status, 400);
    assert.equal((refused.json["error"] as { code: string }).code, "context_length_exceeded");
    assert.deepEqual(rig.keysSeen(refused), [`${provider}-1 gpt-4o`]);
  }
});

test("a model of unknown size whose context is too long is not followed by another", async () => {
  await each(formsOf("retrying-keys"), async (form) => {
    const story = await tell(form, "context-length");
    assert.equal(story.reply.status, 400, form.name);
    assert.equal(story.attempts.length, 1);
    const { message } = errorOf(story.reply.json, form.dialect);
    if (form.dialect === "anthropic") assert.match(message, /^prompt is too long/);
    else assert.equal((story.reply.json["error"] as { code: string }).code, "context_length_exceeded");
  });
});

const SIGNED = {
  openai: {
    role: "assistant",
    content: "Four.",
    reasoning_details: [{ type: "reasoning.text", text: "Two and two.", signature: "c2lnbmVk" }],
  },
  anthropic: {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "Two and two.", signature: "c2lnbmVk" },
      { type: "text", text: "Four." },
    ],
  },
} as const;

function signed(dialect: Dialect, mark: string) {
  return {
    messages: [
      { role: "user", content: "Two and two?" },
      SIGNED[dialect],
      { role: "user", content: `question ${mark} and two?` },
    ],
  };
}

test("a rejected signature: once again without the blocks, outside max_retries, and named to the caller", async () => {
  for (const dialect of ["openai", "anthropic"] as const)
    for (const stream of [false, true]) {
      const provider = rig.fresh(dialect === "openai" ? "one" : "claude-one");
      const mark = `signed-${dialect}-${stream}`;
      const reply = await rig.ask({
        dialect,
        stream,
        model: `${provider}/signature-rejected`,
        fields: signed(dialect, mark),
      });
      assert.equal(reply.status, 200, reply.text);
      assert.match(textOf(reply), new RegExp(mark));
      const [first, second, ...more] = rig.seen({ mark });
      assert.match(first?.body.toString() ?? "", /c2lnbmVk/);
      assert.doesNotMatch(second?.body.toString() ?? "c2lnbmVk", /c2lnbmVk|Two and two\.|reasoning_details/);
      assert.match(second?.body.toString() ?? "", /Four\./);
      assert.equal(more.length, 0);
      const row = await rig.row(reply);
      assert.deepEqual(
        row.attempts.map(({ outcome, reason }) => [outcome, reason]),
        [
          ["signature-rejected", "planned"],
          ["", "without signatures"],
        ],
      );
      assert.ok((row["dropped_params"] as string[]).some((field) => /messages\[1\]/.test(field)));
      if (dialect === "openai") assert.match(reply.text, /"dropped_params":\["messages\[1\]\.reasoning_details"\]/);
    }
});

test("a signature that is rejected once more is the caller's error, and nobody else is asked", async () => {
  for (const dialect of ["openai", "anthropic"] as const) {
    const provider = rig.fresh(dialect === "openai" ? "retrying-keys" : "claude-retrying-keys");
    const mark = `rejected-${dialect}`;
    const model = `${provider}/signature-rejected-always`;
    const reply = await rig.ask({ dialect, model, fields: signed(dialect, mark), fallbacks: ["one99/echo"] });
    assert.equal(reply.status, 400);
    assert.equal(rig.seen({ mark }).length, 2);
    errorOf(reply.json, dialect);
  }
});
