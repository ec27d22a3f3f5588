// What stands on the terminal after the start: what runs, where, with which configuration, and a call that works now.
import type { SetupFacts } from "../core/plane-messages.ts";

/** What the start text tells. */
export interface StartFacts {
  readonly version: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly configPath: string | null;
  readonly appDir: string;
  readonly warnings: readonly string[];
  readonly providers: readonly string[];
  readonly virtualKeys: number;
  readonly hints: readonly string[];
  /** Callers without a virtual key are refused. */
  readonly needsKey?: boolean;
  /** False: there is only a plain page. */
  readonly hasUi?: boolean;
  /** The listener is open to other machines, and no admin password is set. */
  readonly setup?: SetupFacts | undefined;
}

/** More than these go to `drawbridge check`. */
const MOST_WARNINGS = 10;
const DEMO = "demo";

/** Text for people: 4 to 8 lines, and the warnings. */
export function startText(facts: StartFacts): string {
  const base = baseUrl(facts);
  const own = facts.providers.filter((name) => name !== DEMO);
  const config = facts.configPath ?? `none in ${facts.appDir}: providers come from the environment`;
  const lines = [
    `Drawbridge ${facts.version} is running at ${base}`,
    `  config     ${config}`,
    `  providers  ${facts.providers.join(", ") || "none"}${facts.virtualKeys > 0 ? `; ${facts.virtualKeys} virtual key${facts.virtualKeys === 1 ? "" : "s"}` : ""}`,
    ...facts.hints.map((hint) => `  note       ${hint}`),
    ...warningLines(facts.warnings),
    `  try        ${facts.needsKey === true ? keyedCall(base, own[0]) : sampleCall(base, "demo/echo")}`,
  ];
  if (own.length > 0 && facts.needsKey !== true)
    lines.push(`             demo/echo answers without any account; yours are asked as ${own[0]}/MODEL`);
  lines.push(`  ${facts.hasUi === false ? "page" : "UI  "}       ${base}/`, ...setupLines(facts));
  return `${lines.join("\n")}\n`;
}

/** The link is the only place where a generated token is told. */
function setupLines(facts: StartFacts): string[] {
  if (facts.setup === undefined) return [];
  return [
    "  setup      no admin password is set: other machines may manage this gateway only by the setup token. Set one at",
    `             ${setupUrl(facts, facts.setup)}`,
  ];
}

/** Browsers keep what stands behind the # to themselves: the token reaches no log on the way. */
function setupUrl(facts: StartFacts, { token, place }: SetupFacts): string {
  const page = `${baseUrl(facts)}/setup`;
  return token === null ? `${page} with the token of ${place}` : `${page}#token=${token}`;
}

function warningLines(warnings: readonly string[]): string[] {
  if (warnings.length === 0) return [];
  const shown = warnings.slice(0, MOST_WARNINGS).flatMap((warning) => warning.split("\n").map((line) => `    ${line}`));
  const more = warnings.length - MOST_WARNINGS;
  const head = `  ${warnings.length} warning${warnings.length === 1 ? "" : "s"}:`;
  return [head, ...shown, ...(more > 0 ? [`    and ${more} more: drawbridge check`] : [])];
}

/** For programs that collect logs: one line. */
export function startLine(facts: StartFacts, now: number): string {
  return `${JSON.stringify({
    level: "info",
    // as the lines of the process log have them
    time: new Date(now).toISOString(),
    message: "drawbridge is running",
    version: facts.version,
    url: baseUrl(facts),
    addresses: facts.addresses,
    config: facts.configPath,
    app_dir: facts.appDir,
    providers: facts.providers,
    virtual_keys: facts.virtualKeys,
    warnings: facts.warnings.map((warning) => warning.split("\n", 1)[0]),
    hints: facts.hints,
    ...(facts.setup === undefined ? {} : { setup: setupUrl(facts, facts.setup) }),
  })}\n`;
}

/** The address that people use on this machine. */
function baseUrl(facts: StartFacts): string {
  const [address = "127.0.0.1"] = facts.addresses;
  const isHere = ["127.0.0.1", "::1", "0.0.0.0", "::"].includes(address);
  const host = isHere ? "localhost" : address.includes(":") ? `[${address}]` : address;
  return `http://${host}:${facts.port}`;
}

/** The demo answers only keys that allow it: a provider of the user's own is what their keys are for. */
function keyedCall(base: string, provider: string = DEMO): string {
  const model = provider === DEMO ? "demo/echo" : `${provider}/MODEL`;
  return sampleCall(base, model, ' -H "x-bf-vk: YOUR-VIRTUAL-KEY"');
}

function sampleCall(base: string, model: string, credential = ""): string {
  return `curl ${base}/v1/chat/completions -H "Content-Type: application/json"${credential} -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello!"}]}'`;
}
