// Changes of `model_budgets`: the limits of single models within a provider config of a virtual key.
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { type Before, changedLimits, LIMIT_MEMBERS, NOTHING } from "./governance-limits-read.ts";
import { objectsOf } from "./governance-places.ts";
import { isObject, own, without } from "./restore-shown.ts";

const APART: ReadonlySet<string> = new Set([...LIMIT_MEMBERS, "provider_config_id", "virtual_key_id"]);

/** The whole list; each is the one of its model. Left out or null it stays. */
export function changedModels(row: JsonObject, before: Before, path: string): JsonObject {
  const list = own(row, "model_budgets") ?? null;
  const stored = own(before.stored, "model_budgets");
  if (list === null) return stored === undefined ? {} : { model_budgets: stored };
  if (!Array.isArray(list))
    throw new GatewayError("invalid_request", `'${path}model_budgets' must be a list of models and their limits`, {
      param: `${path}model_budgets`,
    });
  refuseTwice(list as JsonValue[], path);
  const changed = (list as JsonValue[]).map((item, index) =>
    isObject(item) ? changedModel(item, before, `${path}model_budgets[${index}].`) : item,
  );
  return changed.length === 0 ? {} : { model_budgets: changed };
}

function changedModel(item: JsonObject, { shown, stored }: Before, path: string): JsonObject {
  const list = objectsOf(own(stored, "model_budgets"));
  const at = list.findIndex((one) => own(one, "model_name") === own(item, "model_name"));
  const known = at < 0 ? NOTHING : { stored: list[at]!, shown: objectsOf(own(shown, "model_budgets"))[at] ?? {} };
  return {
    ...without(known.stored, new Set(["budgets", "rate_limit"])),
    ...without(item, APART),
    ...changedLimits(item, known, path),
  };
}

function refuseTwice(list: readonly JsonValue[], path: string): void {
  const seen = new Set<JsonValue>();
  for (const name of objectsOf(list).map((item) => own(item, "model_name") ?? "")) {
    if (seen.has(name))
      throw new GatewayError("invalid_request", `'${path}model_budgets' names ${JSON.stringify(name)} twice`, {
        param: `${path}model_budgets`,
      });
    seen.add(name);
  }
}
