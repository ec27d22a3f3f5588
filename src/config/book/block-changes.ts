// Changes of whole blocks: `client`, `framework`, `auth_config` and what the API keeps beside the file's members.
import type { JsonObject, StoredEntry } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { hashPassword, isPasswordHash } from "../../lib/password-hash.ts";
import { quoted } from "../texts.ts";
import { demandAddress } from "./address-rule.ts";
import { isBlock, isOwnBlock, shapeOfBlock } from "./blocks.ts";
import { demandProxy, PROXY_BLOCK } from "./global-proxy.ts";
import type { Ledger } from "./ledger.ts";
import { valueAt } from "./pointers.ts";
import type { Planned } from "./provider-changes.ts";
import { type BodyFinding, readBlockBody, readSettingsBody } from "./read-body.ts";
import { demandGood } from "./refuse.ts";
import { isReference, keepMasked, type Parted, shownSecrets, takeSecrets } from "./secrets.ts";

const PASSWORD = "/admin_password";

/** `label` stands before the paths of members in what is told; empty: the paths stand alone. */
export async function planBlock(ledger: Ledger, name: string, given: JsonObject, label = ""): Promise<Planned> {
  if (!isBlock(name))
    throw new GatewayError("not_found", `there is no block '${name.slice(0, 100)}' that could be changed`);
  const shape = shapeOfBlock(name);
  const known = ledger.blocks.get(name) ?? null;
  const meant =
    known === null ? given : keepMasked(given, known, shownSecrets(known, shape, ledger.options.environment));
  const parted = takeSecrets(meant, shape);
  const warnings = demandGood(check(ledger, name, meant).map((finding) => labelled(finding, label)));
  const path = label === "" ? "" : `${label}.`;
  await demandAddresses(ledger, { name, path }, parted, known);
  const secrets = name === "auth_config" ? await withHashedPassword(parted.secrets) : parted.secrets;
  const now = ledger.options.now();
  const entry: StoredEntry = {
    kind: "block",
    id: name,
    name,
    owner: "",
    body: parted.body,
    secrets,
    lookup: "",
    source: "api",
    fileHash: known?.fileHash ?? (await fileHashOf(ledger, name)),
    deleted: false,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
  };
  return { changes: [{ type: "put", entry }], warnings };
}

/** A block that was deleted stays known by what the file said. */
async function fileHashOf(ledger: Ledger, name: string): Promise<string | null> {
  return (await ledger.ask(() => ledger.store.get("block", name)))?.fileHash ?? null;
}

function check(ledger: Ledger, name: string, body: JsonObject): readonly BodyFinding[] {
  if (name === "client") return readSettingsBody(body, ledger.file.server, ledger.options).findings;
  if (name === PROXY_BLOCK) demandProxy(body, ledger.options.environment);
  if (isOwnBlock(name)) return [];
  if (name === "governance") demandOptions(body);
  return readBlockBody(name, body, ledger.options).findings;
}

/** Findings begin with the path of a member, or speak of the whole entry. */
function labelled(finding: BodyFinding, label: string): BodyFinding {
  if (label === "") return finding;
  const { message } = finding;
  const isWhole = message.startsWith(WHOLE);
  return { ...finding, message: isWhole ? `${label}${message.slice(WHOLE.length)}` : `${label}.${message}` };
}

const WHOLE = "this entry";

/** Virtual keys, teams and the like are entries of their own. */
function demandOptions(body: JsonObject): void {
  const known = Object.keys(shapeOfBlock("governance").properties ?? {});
  const other = Object.keys(body).find((name) => !known.includes(name));
  if (other === undefined) return;
  throw new GatewayError(
    "invalid_request",
    `${quoted(other)} is not among the options of governance: ${known.join(", ")}`,
    { param: other },
  );
}

/** Where a block holds an address that this process calls: a price sheet, a proxy. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  framework: ["/pricing/pricing_url", "/pricing/model_parameters_url", "/pricing/mcp_library_url"],
  proxy_config: ["/url"],
  governance: ["/alerts/webhook_url"],
};

/** How the operator sets a private address there. */
const PRIVATE: Readonly<Record<string, string>> = {
  framework: "can only be set in config.json",
  proxy_config: 'can only be set by a variable of the environment: "url": "env.NAME"',
};

/** What stays as it was is the operator's own word, or was checked when it came. Throws GatewayError. */
export async function demandAddresses(
  ledger: Ledger,
  { name, path }: { readonly name: string; readonly path: string },
  given: Parted,
  known: Parted | null,
): Promise<void> {
  for (const pointer of ADDRESSES[name] ?? []) {
    const url = given.secrets[pointer] ?? valueAt(given.body, pointer);
    const before = known === null ? undefined : (known.secrets[pointer] ?? valueAt(known.body, pointer));
    if (typeof url === "string" && url !== before)
      await demandAddress(url, path + pointer.slice(1).replaceAll("/", "."), PRIVATE[name]!, ledger.options.addresses);
  }
}

/** A login is proven against the hash; the password itself is needed by nobody. */
export async function withHashedPassword(
  secrets: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const password = secrets[PASSWORD];
  if (password === undefined || isPasswordHash(password) || isReference(password)) return secrets;
  return { ...secrets, [PASSWORD]: await hashPassword(password) };
}
