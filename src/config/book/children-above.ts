// Warns where limits of a customer or team are lowered below those of its teams and virtual keys.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { GovernanceEntity } from "../../core/config-book.ts";
import type { StoredEntry } from "../../core/config-store.ts";
import type { CustomerEntity, OwnedLimits, TeamEntity } from "../../core/entities.ts";
import { isTightened, limitsAbove } from "../parent-limits.ts";
import { quoted } from "../texts.ts";
import type { Ledger } from "./ledger.ts";
import { storedLimits } from "./stored-limits.ts";

const MOST_NAMED = 5;
/** Keys that are looked at: a change of limits is not to read a hundred thousand of them. */
const MOST_KEYS = 1000;
/** So many at a time: requests for counters come in between. */
const PAGE = 250;

const NO_LIMITS: OwnedLimits = { budgets: [], rateLimit: null };

/** Of a customer or team that is to be `wanted`; `before` undefined = it is new, so that nothing is below it. */
export async function childrenAbove(
  ledger: Ledger,
  wanted: GovernanceEntity,
  before: GovernanceEntity | undefined,
): Promise<string[]> {
  if (wanted.kind !== "customer" && wanted.kind !== "team") return [];
  const limits = before !== undefined && before.kind === wanted.kind ? before : NO_LIMITS;
  if (before === undefined || !isTightened(wanted, limits)) return [];
  const above = new Above(wanted);
  const teams = new Set(teamsBelow(ledger, wanted, above));
  const isAll = await lookAtKeys(ledger, ({ name, body }) => {
    if (teams.has(String(body["team_id"])) || (wanted.kind === "customer" && body["customer_id"] === wanted.id))
      above.compare("virtual key", name, storedLimits(body));
  });
  return isAll ? above.texts() : [...above.texts(), `only the first ${MOST_KEYS} virtual keys were compared with it`];
}

/** The ids of the teams whose keys are below it. */
function teamsBelow(ledger: Ledger, parent: CustomerEntity | TeamEntity, above: Above): string[] {
  if (parent.kind === "team") return [parent.id];
  const ids: string[] = [];
  for (const { entity } of ledger.owners.all("team")) {
    if (entity.kind !== "team" || entity.customerId !== parent.id) continue;
    above.compare("team", entity.name, entity);
    ids.push(entity.id);
  }
  return ids;
}

/** False: there are more than were looked at. */
async function lookAtKeys(ledger: Ledger, visit: (entry: StoredEntry) => void): Promise<boolean> {
  for (let offset = 0; offset < MOST_KEYS; offset += PAGE) {
    const { entries, total } = await ledger.ask(() => ledger.store.list("virtual-key", { limit: PAGE, offset }));
    for (const entry of entries) visit(entry);
    if (offset + PAGE >= total) return true;
    await nextTurn();
  }
  return false;
}

/** The first of what is above, and how many more there are. */
class Above {
  readonly #parent: CustomerEntity | TeamEntity;
  readonly #found: string[] = [];
  #more = 0;

  constructor(parent: CustomerEntity | TeamEntity) {
    this.#parent = parent;
  }

  compare(what: string, name: string, limits: OwnedLimits): void {
    for (const text of limitsAbove(limits, this.#parent, `this ${this.#parent.kind}`)) {
      if (this.#found.length < MOST_NAMED) this.#found.push(`${what} ${quoted(name)}: ${text}`);
      else this.#more++;
    }
  }

  texts(): string[] {
    return this.#more === 0 ? this.#found : [...this.#found, `and ${this.#more} more`];
  }
}
