// Pages that the code itself writes: every error code and every metric, from the tables that the gateway runs on.
import { ERROR_CODES } from "../../src/core/errors.ts";
import { METRICS } from "../../src/telemetry/metrics-definitions.ts";

/** Name of a page → its Markdown. */
export function generatedPages(): Map<string, string> {
  return new Map([
    ["errors", errorsPage()],
    ["metrics", metricsPage()],
  ]);
}

function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { status, type, retryable }]) => `| \`${code}\` | ${status} | \`${type}\` | ${retryable ? "yes" : "no"} |`,
  );
  return `# Errors

Every error of the gateway has a code, a status and a type. The body is an error object in the caller's dialect: OpenAI's and
Bifrost's members on the unified routes, \`{"type": "error", "error": {…}}\` under \`/anthropic\`. A provider's own error is passed on
with its status, byte for byte where it speaks the caller's dialect.

| code | status | type | sending it again may help |
|---|---|---|---|
${rows.join("\n")}

\`Retry-After\` (seconds) tells when, where that is known. \`x-should-retry: false\` tells SDKs that waiting a minute does not help.
`;
}

function metricsPage(): string {
  const rows = Object.entries(METRICS).map(
    ([name, { type, help, labels }]) =>
      `| \`${name}\` | ${type} | ${help} | ${labels.map((label) => `\`${label}\``).join(" ")} |`,
  );
  return `# Metrics

\`GET /metrics\` in the text format of Prometheus. With a login it needs the login, unless \`client.whitelisted_routes\` opens it.

| metric | kind | what | labels |
|---|---|---|---|
${rows.join("\n")}
`;
}
