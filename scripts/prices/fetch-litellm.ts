// Takes the price sheet out of the pinned PyPI wheel `litellm` and keeps what the catalogue needs: node scripts/prices/fetch-litellm.ts
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { providerName } from "../../src/accounting/prices/provider-names.ts";
import { rateOfMember } from "../../src/accounting/prices/sheet-fields.ts";
import { PROVIDERS } from "./draft.ts";
import { EXTRACT, LITELLM } from "./litellm-source.ts";

/** Members besides the prices. */
const KEPT: ReadonlySet<string> = new Set([
  "litellm_provider",
  "mode",
  "max_input_tokens",
  "max_output_tokens",
  "search_context_cost_per_query",
  "web_search_billing_unit",
  "file_search_cost_per_1k_calls",
  "input_cost_per_pixel",
  "output_cost_per_pixel",
  "tiered_pricing",
  "off_peak_pricing",
  "provider_specific_entry",
  "regional_endpoint_uplift_multiplier",
  "regional_processing_uplift_multiplier_eu",
  "regional_processing_uplift_multiplier_us",
]);

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
}

function check(file: string, expected: string): void {
  const found = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (found !== expected) throw new Error(`${path.basename(file)} has the hash ${found}, pinned is ${expected}`);
}

/** The sheet's text, from the wheel of the pinned version. Only this one file of it is read: it is under the MIT licence. */
function download(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "litellm-"));
  try {
    const pip = ["-m", "pip", "download", `litellm==${LITELLM.version}`, "--no-deps", "--quiet", "--dest", folder];
    // one wheel, whatever machine builds: its hash is pinned
    run("python3", [...pip, "--only-binary=:all:", "--platform", LITELLM.platform, "--python-version", "3.12"]);
    const wheel = readdirSync(folder).find((name) => name.endsWith(".whl")) as string;
    check(path.join(folder, wheel), LITELLM.wheelSha256);
    run("python3", ["-m", "zipfile", "-e", path.join(folder, wheel), folder]);
    const sheet = path.join(folder, LITELLM.file);
    check(sheet, LITELLM.sheetSha256);
    return readFileSync(sheet, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prices of one region or of a rented capacity: a model's id does not say which holds. */
const LEFT_OUT = /-commitment\/|^bedrock\/(?!claude_platform)[a-z-]+-\d\/|^azure\/(eu|us|global|global-standard)\//;

type Entry = Readonly<Record<string, unknown>>;

function extract(sheet: Readonly<Record<string, Entry>>): [string, Entry][] {
  return Object.entries(sheet).flatMap(([key, entry]): [string, Entry][] => {
    const provider = entry["litellm_provider"];
    if (typeof provider !== "string" || !PROVIDERS.includes(providerName(provider))) return [];
    if (LEFT_OUT.test(key)) return [];
    const kept = Object.entries(entry).filter(([member]) => KEPT.has(member) || rateOfMember(member) !== null);
    return [[key, Object.fromEntries(kept)]];
  });
}

const entries = extract(JSON.parse(download()) as Record<string, Entry>);
const lines = entries.map(([key, entry]) => `  ${JSON.stringify(key)}: ${JSON.stringify(entry)}`);
writeFileSync(EXTRACT, `{\n${lines.join(",\n")}\n}\n`);
