// Whom a virtual key belongs to: a team, or a customer, or nobody.
import type { ConfigBook, GovernanceItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";
import { own } from "./restore-shown.ts";

const MEMBERS = { team_id: "team", customer_id: "customer" } as const;
type Member = keyof typeof MEMBERS;
/** Among so many a similar name is looked for. */
const COMPARED = 1000;

/** `team_id` or `customer_id` as it is to be stored. Left out it stays, null or empty detaches. Throws GatewayError. */
export function ownerOf(given: JsonObject, stored: JsonObject, book: ConfigBook): JsonObject {
  const names = Object.keys(MEMBERS) as Member[];
  const set = names.filter((name) => !isEmpty(own(given, name)));
  if (set.length > 1)
    throw new GatewayError("invalid_request", "'team_id' and 'customer_id' exclude each other; send one of them", {
      param: "team_id",
    });
  const [name] = set;
  // a key has one owner: a new one takes the place of the other kind
  if (name !== undefined) return { [name]: demandOwner(name, given[name]!, stored, book) };
  return Object.fromEntries(
    names.flatMap((one) => {
      const before = own(stored, one);
      return own(given, one) !== undefined || before === undefined ? [] : [[one, before]];
    }),
  );
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === "";
}

/** The id; an owner may be called by its name too. */
function demandOwner(member: Member, given: JsonValue, stored: JsonObject, book: ConfigBook): JsonValue {
  const kind = MEMBERS[member];
  if (typeof given !== "string" || given === own(stored, member)) return given;
  const found = findOwner(book, kind, given);
  if (found !== undefined) return found.id;
  const { items } = book.governanceItems(kind, { limit: COMPARED, offset: 0 });
  const nearest = nearestName(
    given,
    items.flatMap((item) => [item.id, item.name]),
  );
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  throw new GatewayError("invalid_request", `there is no ${kind} ${JSON.stringify(given).slice(0, 100)}${hint}`, {
    param: member,
  });
}

/** By id, else by name. */
export function findOwner(book: ConfigBook, kind: "team" | "customer", name: string): GovernanceItem | undefined {
  const byId = book.governanceItem(kind, name);
  if (byId !== undefined) return byId;
  const { items } = book.governanceItems(kind, { search: name, limit: COMPARED, offset: 0 });
  return items.find((item) => item.name === name);
}
