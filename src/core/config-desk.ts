// The port by which management pages look at the configuration as a whole: what could be configured, drafts that are tried, and its text.
import type { JsonObject, JsonValue } from "./config-store.ts";
import type { CatalogueEntity } from "./entities.ts";
import type { ProviderRegistry } from "./provider.ts";
import type { Provider } from "./snapshot.ts";

/** One thing that is wrong, or worth a look, in a text of the configuration. */
export interface RawDiagnostic {
  readonly severity: "error" | "warning";
  /** From 1; 0 = it has no place. */
  readonly line: number;
  readonly column: number;
  /** Of the member, as `providers.openai.keys[0]`; empty = the whole, or not known. */
  readonly path: string;
  readonly message: string;
  /** What was expected, the nearest name, what to do; empty = nothing is known. */
  readonly hint: string;
}

/** One entry that would change, without any secret. Of a change the members that differ. */
export interface RawChange {
  readonly op: "add" | "change" | "remove";
  /** `provider`, `provider-key`, `virtual-key`, `block`, `customer` … */
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

export interface RawConfig {
  /** Secrets in clear are masked in it. Null: it is too large to be shown. */
  readonly text: string | null;
  /** Null: there is no file, and the text is what is in force. */
  readonly path: string | null;
  /** Whether `put` takes a change. */
  readonly writable: boolean;
  /** Why not; empty where it does. */
  readonly reason: string;
  readonly etag: string;
  /** What somebody who reads it should know, in sentences. */
  readonly notes: readonly string[];
  readonly warnings: readonly RawDiagnostic[];
}

export interface RawCheck {
  readonly ok: boolean;
  readonly diagnostics: readonly RawDiagnostic[];
  readonly diff: readonly RawChange[];
  /** Members that hold from the next start on. */
  readonly restart: readonly string[];
}

export interface RawApplied extends RawCheck {
  readonly etag: string;
  /** The file was written; false: there is none. */
  readonly written: boolean;
}

/** The file as it lies there now. */
export interface FileView {
  /** As people call it. */
  readonly label: string;
  /** `config_store.enabled: false`: nothing that it says is changed elsewhere. */
  readonly rulesAlone: boolean;
  /** The line of a member, from 1; 0 = it is not there, or the file cannot be read now. */
  lineOf(path: readonly string[]): number;
  /** The value of a member as it is written; undefined = it is not there. */
  valueOf(path: readonly string[]): JsonValue | undefined;
}

export interface ConfigDesk {
  readonly registry: ProviderRegistry;
  readonly catalogue: readonly CatalogueEntity[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The provider as this body would make it: checked as a change is, compiled, and not stored. Throws GatewayError. */
  trial(name: string, body: JsonObject): Promise<Provider>;
  /** Null: there is no file. */
  file(): FileView | null;
  raw(): Promise<RawConfig>;
  checkRaw(text: string): Promise<RawCheck>;
  /** Throws GatewayError 409 where `etag` is not that of the present text, or where nothing can be written. */
  putRaw(text: string, etag: string): Promise<RawApplied>;
}
