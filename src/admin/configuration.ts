// The configuration as the management API knows it: compiled, with the names of its virtual keys and its findings.
import { compileSnapshot } from "../config/compile.ts";
import { type LoadOptions, loadConfiguration } from "../config/load.ts";
import type { Entity, VirtualKeyEntity } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import type { ProviderRegistry } from "../core/provider.ts";
import type { KnownConfiguration } from "./house.ts";
import { listLimits } from "./limits.ts";

/** A finding in one line: place and message. */
interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** `config.json:12:5: message`, without the snippet. */
export function findingLine(finding: Finding): string {
  const place = finding.line > 0 ? `${finding.file}:${finding.line}:${finding.column}` : finding.file;
  return `${place}: ${finding.message}`;
}

/** Compiles entities for simulations and lists; keys that cannot be used join the findings. */
export function knownConfiguration(
  entities: readonly Entity[],
  registry: ProviderRegistry,
  findings: readonly string[],
  version: number,
): KnownConfiguration {
  const warnings = [...findings];
  const snapshot = compileSnapshot(entities, registry, (text) => void warnings.push(text), version);
  let names: Map<string, string> | null = null;
  return {
    snapshot,
    warnings,
    limits: listLimits(entities),
    virtualKey(nameOrId) {
      names ??= namesOf(entities);
      return snapshot.findVirtualKeyById(nameOrId) ?? snapshot.findVirtualKeyById(names.get(nameOrId) ?? "");
    },
  };
}

function namesOf(entities: readonly Entity[]): Map<string, string> {
  const keys = entities.filter((entity): entity is VirtualKeyEntity => entity.kind === "virtual-key");
  return new Map(keys.map((key) => [key.name, key.id]));
}

/** A configuration that nobody runs. Throws GatewayError with every finding and its place. */
export function draftConfiguration(options: LoadOptions & { readonly text: string }): KnownConfiguration {
  const loaded = loadConfiguration(options);
  if (!loaded.ok)
    throw new GatewayError(
      "invalid_request",
      `the draft cannot be used:\n${loaded.errors.map(findingLine).join("\n")}`,
      {
        param: "config",
      },
    );
  return knownConfiguration(loaded.entities, options.registry, loaded.warnings.map(findingLine), 0);
}
