// The configuration as a whole, for management pages: what could be configured, drafts that are tried, and its text.
import { basename } from "node:path";
import type { ConfigDesk, FileView, RawApplied, RawCheck, RawConfig } from "../../core/config-desk.ts";
import type { JsonObject } from "../../core/config-store.ts";
import type { CatalogueEntity } from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";
import type { ProviderRegistry } from "../../core/provider.ts";
import type { Provider } from "../../core/snapshot.ts";
import { planProvider } from "../book/provider-changes.ts";
import type { StartedBook } from "../book/start.ts";
import { compileSnapshot } from "../compile.ts";
import type { LoadOptions } from "../load.ts";
import { RawDesk } from "../raw/raw-desk.ts";
import { FileReader } from "./file-view.ts";

/** One for the control plane. */
export class Desk implements ConfigDesk {
  readonly registry: ProviderRegistry;
  readonly catalogue: readonly CatalogueEntity[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly #started: StartedBook;
  readonly #reader: FileReader | null;
  readonly #raw: RawDesk;

  constructor(started: StartedBook, load: LoadOptions) {
    const { path } = started.facts;
    this.registry = load.registry;
    this.catalogue = load.catalogue;
    this.environment = load.environment;
    this.#started = started;
    const label = started.ledger.file.label ?? basename(path ?? "config.json");
    this.#reader = path === null ? null : new FileReader(path, label);
    this.#raw = new RawDesk(started, load, this.#reader);
  }

  async trial(name: string, body: JsonObject): Promise<Provider> {
    const { ledger } = this.#started;
    const { entity = null } = await planProvider(ledger, name, body);
    if (entity === null)
      throw new GatewayError("invalid_request", `provider '${name.slice(0, 100)}' cannot run as it is written`);
    let reason = "";
    const called = ledger.providers.asCalledByApi(entity);
    const snapshot = compileSnapshot([called], this.registry, (text) => {
      reason = text;
    });
    const provider = snapshot.providers.get(entity.name);
    if (provider !== undefined && provider.keys.length > 0) return provider;
    throw new GatewayError("invalid_request", reason === "" ? `provider '${name}' has no key to try` : reason, {
      param: "key",
    });
  }

  file(): FileView | null {
    return this.#reader?.view(this.#started.ledger.file.rulesAlone) ?? null;
  }

  raw(): Promise<RawConfig> {
    return this.#raw.read();
  }

  checkRaw(text: string): Promise<RawCheck> {
    return this.#raw.check(text);
  }

  putRaw(text: string, etag: string): Promise<RawApplied> {
    return this.#raw.put(text, etag);
  }
}
