// Checks the table of URLs: what stands where, what does not, and what no encoding can reach.
import assert from "node:assert/strict";
import { test } from "node:test";
import { notFound } from "./route-errors.ts";
import { findRoute, KNOWN_PATHS } from "./routes.ts";
import { isSafePath } from "./safe-path.ts";

/** The route in one word. */
function at(path: string): string {
  const route = findRoute(path);
  if (route === null) return "none";
  switch (route.type) {
    case "inference": {
      const { operation, dialect, extraFields, ownProvider } = route.endpoint;
      return [operation, dialect, extraFields ? "extra" : "plain", ownProvider ?? "any"].join(" ");
    }
    case "control":
      return route.admin ? "admin" : "control";
    case "unsupported":
      return `unsupported ${route.operation}`;
    default:
      return route.type;
  }
}

const TABLE: readonly [string, string][] = [
  ["/v1/chat/completions", "chat openai extra any"],
  ["/v1/chat/completions/", "chat openai extra any"],
  ["/v1/embeddings", "embeddings openai extra any"],
  ["/openai/chat/completions", "chat openai plain openai"],
  ["/openai/v1/chat/completions", "chat openai plain openai"],
  ["/openai/openai/chat/completions", "chat openai plain openai"],
  ["/openai/v1/embeddings", "embeddings openai plain openai"],
  ["/openai/embeddings", "embeddings openai plain openai"],
  ["/openai/openai/embeddings", "embeddings openai plain openai"],
  ["/anthropic/v1/messages", "chat anthropic plain anthropic"],
  ["/v1/models", "control"],
  ["/openai/models", "control"],
  ["/openai/v1/models", "control"],
  ["/openai/openai/models", "control"],
  ["/openai/openai/v1/models", "control"],
  ["/health", "health"],
  ["/", "admin"],
  ["/metrics", "admin"],
  ["/ws", "admin"],
  ["/docs", "admin"],
  ["/docs/a/b", "admin"],
  ["/ui", "admin"],
  ["/ui/requests", "admin"],
  ["/assets/app.js", "admin"],
  ["/api", "admin"],
  ["/api/version", "admin"],
  ["/api/governance/virtual-keys/a%20b", "admin"],
  ["/api/models/openai%2Fgpt", "admin"],
  ["/v1", "base"],
  ["/anthropic", "base"],
  ["/anthropic/", "base"],
  ["/openai", "base"],
  ["/v1/responses", "unsupported responses"],
  ["/v1/responses/abc/input_items", "unsupported responses"],
  ["/openai/v1/responses", "unsupported responses"],
  ["/openai/audio/speech", "unsupported speech"],
  ["/v1/completions", "completions openai extra any"],
  ["/v1/completions/", "completions openai extra any"],
  ["/openai/v1/completions", "completions openai plain openai"],
  ["/openai/completions", "completions openai plain openai"],
  ["/openai/openai/completions", "completions openai plain openai"],
  ["/v1/images/generations", "unsupported image_generation"],
  ["/v1/files/f-1/content", "unsupported file"],
  ["/v1/batches", "unsupported batch"],
  ["/v1/rerank", "unsupported rerank"],
  ["/v1/async/chat/completions", "unsupported async jobs"],
  ["/anthropic/v1/messages/count_tokens", "unsupported count_tokens"],
  ["/anthropic/v1/messages/batches/b/results", "unsupported batch"],
  ["/openai/deployments/d/chat/completions", "chat openai plain azure"],
  ["/openai/openai/deployments/d/chat/completions", "chat openai plain azure"],
  ["/openai/openai/deployments/d/chat/completions/", "chat openai plain azure"],
  ["/openai/v1/deployments/d/chat/completions", "chat openai plain azure"],
  ["/openai/openai/v1/deployments/d/chat/completions", "chat openai plain azure"],
  ["/openai/openai/deployments/d/completions", "completions openai plain azure"],
  ["/openai/openai/deployments/d/embeddings", "embeddings openai plain azure"],
  ["/openai/openai/deployments/a%20b%2Fc/chat/completions", "chat openai plain azure"],
  ["/openai/openai/deployments/openai/gpt-4o/chat/completions", "chat openai plain azure"],
  ["/openai/openai/deployments/d/images/generations", "unsupported image_generation"],
  ["/openai/openai/deployments/d/audio/transcriptions", "unsupported transcription"],
  ["/openai/openai/deployments/d/nothing", "none"],
  ["/openai/openai/deployments/d/chat/nothing", "none"],
  ["/openai/openai/deployments/d", "none"],
  ["/openai/openai/deployments//chat/completions", "none"],
  ["/openai/openai/deployments/%2e%2e/chat/completions", "none"],
  ["/openai/openai/deployments", "none"],
  ["/v1/deployments/d/chat/completions", "none"],
  ["/genai/v1beta/models/gemini:generateContent", "unsupported the genai dialect"],
  ["/bedrock/model/a%2Fb/converse", "unsupported the bedrock dialect"],
  ["/cohere/v2/chat", "unsupported the cohere dialect"],
  ["/langchain/v1/chat/completions", "unsupported the langchain prefix"],
  ["/openai_passthrough/v1/x", "unsupported passthrough"],
  ["/mcp", "unsupported the mcp gateway"],
  ["/nothing", "none"],
  ["/v1/chat", "none"],
  ["/v1/chat/completions/x", "none"],
  ["/v1/chat/completions//", "none"],
  ["/v1/responsesx", "none"],
  ["/apix", "none"],
  ["/V1/chat/completions", "none"],
  ["/v1/chat%2Fcompletions", "none"],
  ["//v1/chat/completions", "none"],
  ["", "none"],
  ["*", "none"],
  ["/__proto__", "none"],
  ["/constructor", "none"],
];
for (const [path, expected] of TABLE)
  test(`finds ${expected} at ${path}`, () => {
    assert.equal(at(path), expected);
  });

test("reaches nothing by climbing, in any encoding", () => {
  const dots = [
    "..",
    "%2e%2e",
    "%2E%2e",
    ".%2e",
    "%252e%252e",
    "%25252e%25252e",
    "..;",
    "%2e%2e;x=1",
    ".",
    "%c0%ae%c0%ae",
    "..%00",
    "%2525252525252e",
  ];
  const slashes = ["/", "%2f", "%5c", "\\", "%252f", "%255c"];
  for (const dot of dots)
    for (const slash of slashes)
      for (const path of [
        `/api${slash}${dot}${slash}x`,
        `/api/${dot}${slash}etc${slash}passwd`,
        `/docs/a/${dot}`,
        `/${dot}/api`,
      ])
        assert.equal(findRoute(path), null, path);
});

test("takes names with dots, per cent signs and encoded letters for what they are", () => {
  for (const path of ["/a..b", "/a/...", "/a/.well-known", "/a%20b", "/100%25", "/a%2520b", "/%E6%A8%A1"])
    assert.equal(isSafePath(path), true, path);
  for (const path of ["/%", "/%zz", "/a%00", "/a\nb", "/a//b", "x"]) assert.equal(isSafePath(path), false, path);
});

const hint = (path: string) => /did you mean (.*)\?/.exec(notFound(path).message)?.[1];

test("names the path that was meant", () => {
  assert.equal(hint("/v1/chat/completion"), "/v1/chat/completions");
  assert.equal(hint("/V1/Chat/Completions"), "/v1/chat/completions");
  assert.equal(hint("/chat/completions"), "/v1/chat/completions");
  assert.equal(hint("/v1//chat/completions"), "/v1/chat/completions");
  assert.equal(hint("/v1/v1/chat/completions"), "/v1/chat/completions");
  assert.equal(hint("/v1/messages"), "/anthropic/v1/messages");
  assert.equal(hint("/v1/model"), "/v1/models");
  assert.equal(hint("/quite/another/thing"), undefined);
  assert.equal(hint("/"), undefined);
  assert.ok(notFound(`/${"x".repeat(5_000)}`).message.length < 300);
});

test("lists every path once", () => {
  assert.equal(new Set(KNOWN_PATHS).size, KNOWN_PATHS.length);
});
