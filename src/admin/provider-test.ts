// POST /api/providers/test and …/keys/{key_id}/test: tries a key with its provider and stores nothing.
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import type { Provider, ProviderKey } from "../core/snapshot.ts";
import type { PlaneAnswer, PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { demandKey } from "./keys.ts";
import { probe } from "./provider-probe.ts";
import { readProvider } from "./providers-shape.ts";
import { asText, refuseUnknown } from "./read-json.ts";
import { isObject, own } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { withMasked } from "./secret-places.ts";
import { readBody } from "./strict-body.ts";

/** Tests in a minute: a person is never stopped by it, a script that guesses keys is. */
const MOST_TESTS = 30;
const MINUTE = 60_000;
const MEMBERS = ["provider", "key", "model", "network_config", "proxy_config", "custom_provider_config"];

export function providerTestRoutes(house: AdminHouse): Route[] {
  const pace = new Pace(house.now);
  return [
    {
      method: "POST",
      path: "/api/providers/test",
      demands: "write",
      handle: async (request) => {
        const body = readBody(request);
        refuseUnknown(body, MEMBERS);
        const model = modelOf(body);
        const [provider, key] = await draftOf(house, body);
        pace.demand();
        return answer(house, request, { provider, key, model });
      },
    },
    {
      method: "POST",
      path: "/api/providers/{provider}/keys/{key_id}/test",
      demands: "write",
      handle: async (request, names) => {
        const body = request.body.length === 0 ? {} : readBody(request);
        refuseUnknown(body, ["model"]);
        const [provider, key] = stored(house, names);
        pace.demand();
        return answer(house, request, { provider, key, model: modelOf(body) });
      },
    },
  ];
}

interface Tried {
  readonly provider: Provider;
  readonly key: ProviderKey;
  readonly model: string | null;
}

async function answer(house: AdminHouse, request: PlaneRequest, { provider, key, model }: Tried): Promise<PlaneAnswer> {
  return jsonAnswer(await probe(provider, key, { upstream: house.upstream, model, signal: request.signal }));
}

function modelOf(body: JsonObject): string | null {
  const model = own(body, "model");
  return model === undefined || model === null || model === "" ? null : asText(model, "model");
}

/** What the person typed, on top of what is configured of the provider. */
async function draftOf(house: AdminHouse, body: JsonObject): Promise<readonly [Provider, ProviderKey]> {
  const name = asText(own(body, "provider"), "provider");
  const item = house.book.provider(name);
  const given = own(body, "key") ?? {};
  const key: JsonValue = typeof given === "string" ? { value: given } : given;
  if (!isObject(key)) throw new GatewayError("invalid_request", "'key' must be a key or its value", { param: "key" });
  const { provider: _provider, model: _model, key: _key, ...blocks } = body;
  const held = item === undefined ? {} : withMasked(item);
  const wanted = { ...held, ...blocks, keys: [{ weight: 1, ...key, models: ["*"], enabled: true }] };
  const provider = await house.desk().trial(name, readProvider(wanted as JsonObject, item));
  const [first] = provider.keys;
  if (first !== undefined) return [provider, first];
  throw new GatewayError(
    "invalid_request",
    `provider '${name}' cannot be called with this key: a field of it is missing`,
    {
      param: "key",
    },
  );
}

/** As it is served; a key that is switched off can be tried too. */
function stored(house: AdminHouse, names: Readonly<Record<string, string>>): readonly [Provider, ProviderKey] {
  const item = demandKey(house.book, names);
  const provider = house.configuration().snapshot.providers.get(item.provider);
  const key = provider?.keys.find((one) => one.id === item.id);
  if (provider !== undefined && key !== undefined) return [provider, key];
  throw new GatewayError(
    "invalid_request",
    `key '${item.name}' cannot be used: ${item.problem ?? "see its provider"}`,
    {
      param: "key_id",
    },
  );
}

/** Keeps count of a minute's tests. */
class Pace {
  readonly #now: () => number;
  #times: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  demand(): void {
    const now = this.#now();
    this.#times = this.#times.filter((time) => now - time < MINUTE);
    if (this.#times.length >= MOST_TESTS) {
      const retryAfter = Math.ceil((MINUTE - (now - (this.#times[0] as number))) / 1000);
      throw new GatewayError("too_many_attempts", `too many tests in a minute; try again in ${retryAfter} s`, {
        retryAfter,
      });
    }
    this.#times.push(now);
  }
}
