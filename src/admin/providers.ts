// The routes of /api/providers: reads and changes the providers; a change is answered when requests are served by it and the store holds it.
import type { Applied, ConfigBook, ProviderItem } from "../core/config-book.ts";
import type { JsonObject } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { readProvider, showProvider } from "./providers-shape.ts";
import { own } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";

const LIST = "/api/providers";
const ONE = "/api/providers/{provider}";

export function providerRoutes(house: AdminHouse): Route[] {
  return [
    { method: "GET", path: LIST, demands: "read", handle: () => jsonAnswer(listProviders(house.book)) },
    {
      method: "POST",
      path: LIST,
      demands: "write",
      handle: async (request) => jsonAnswer(await createProvider(house.book, readBody(request))),
    },
    {
      method: "GET",
      path: ONE,
      demands: "read",
      handle: (_request, names) => jsonAnswer(showProvider(demandProvider(house.book, nameIn(names)))),
    },
    {
      method: "PUT",
      path: ONE,
      demands: "write",
      handle: async (request, names) => jsonAnswer(await putProvider(house.book, nameIn(names), readBody(request))),
    },
    {
      method: "DELETE",
      path: ONE,
      demands: "write",
      handle: async (_request, names) => jsonAnswer(await removeProvider(house.book, nameIn(names))),
    },
  ];
}

function nameIn(parameters: Readonly<Record<string, string>>): string {
  return parameters["provider"] ?? "";
}

/** The provider. Throws GatewayError with the nearest name when it is not configured. */
export function demandProvider(book: ConfigBook, name: string): ProviderItem {
  const item = book.provider(name);
  if (item !== undefined) return item;
  const nearest = nearestName(
    name,
    book.providers().map((one) => one.name),
  );
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  throw new GatewayError("provider_not_found", `provider '${name.slice(0, 100)}' is not configured${hint}`, {
    param: "provider",
  });
}

function listProviders(book: ConfigBook): JsonObject {
  const items = [...book.providers()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { providers: items.map(showProvider), total: items.length };
}

async function createProvider(book: ConfigBook, body: JsonObject): Promise<JsonObject> {
  const name = nameOf(body);
  return applied(await book.createProvider(name, readProvider(body, undefined)));
}

/** Both spellings are taken: answers say `name`. */
function nameOf(body: JsonObject): string {
  const name = own(body, "provider") ?? own(body, "name");
  if (typeof name !== "string" || name.trim() === "")
    throw new GatewayError("missing_field", "'provider' must be the name of the provider", { param: "provider" });
  demandSameName(body, name);
  return name;
}

async function putProvider(book: ConfigBook, name: string, body: JsonObject): Promise<JsonObject> {
  demandSameName(body, name);
  return applied(await book.putProvider(name, readProvider(body, book.provider(name))));
}

/** A provider is not renamed: virtual keys and records know it by its name. */
function demandSameName(body: JsonObject, name: string): void {
  for (const member of ["name", "provider"]) {
    const given = own(body, member);
    if (given === undefined || given === null || given === name) continue;
    throw new GatewayError(
      "invalid_request",
      `'${member}' differs from the provider's name; a provider cannot be renamed`,
      {
        param: member,
      },
    );
  }
}

async function removeProvider(book: ConfigBook, name: string): Promise<JsonObject> {
  demandProvider(book, name);
  return { ...showProvider(await book.removeProvider(name)), provider_status: "deleted" };
}

function applied({ item, warnings }: Applied<ProviderItem>): JsonObject {
  return { ...showProvider(item), ...(warnings.length === 0 ? {} : { warnings: [...warnings] }) };
}
