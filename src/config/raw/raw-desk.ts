// The text of the configuration: shown with its secrets masked, checked against what is in force, and taken over whole.
import { hash } from "node:crypto";
import { relative } from "node:path";
import type { RawApplied, RawCheck, RawConfig, RawDiagnostic } from "../../core/config-desk.ts";
import type { EntryChange } from "../../core/config-store.ts";
import type { ProviderEntity } from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";
import { demandAllowed } from "../book/address-rule.ts";
import { demandAddresses } from "../book/block-changes.ts";
import { demandSameHosts } from "../book/provider-changes.ts";
import type { StartedBook } from "../book/start.ts";
import { type FileReader, LARGEST_VIEW } from "../desk/file-view.ts";
import type { LoadOptions } from "../load.ts";
import { loadConfiguration } from "../load.ts";
import { SourceText } from "../source-text.ts";
import { effectiveText } from "./effective-text.ts";
import { maskText, unmaskText } from "./mask-text.ts";
import { plainFinding, planText, shownFinding, type TextPlan } from "./plan-text.ts";
import { prepareFile, unwritable } from "./write-file.ts";

/** The text as it is, secrets in clear. */
interface Present {
  readonly text: string;
  readonly notes: readonly string[];
}

/** One for the control plane. */
export class RawDesk {
  readonly #started: StartedBook;
  readonly #load: LoadOptions;
  readonly #reader: FileReader | null;

  constructor(started: StartedBook, load: LoadOptions, reader: FileReader | null) {
    this.#started = started;
    this.#load = load;
    this.#reader = reader;
  }

  async read(): Promise<RawConfig> {
    const { text, notes } = await this.#present();
    const reason = this.#reason();
    const loaded = loadConfiguration({ ...this.#load, text });
    const found = loaded.ok ? loaded.warnings : [...loaded.errors, ...loaded.warnings];
    const isLarge = Buffer.byteLength(text) > LARGEST_VIEW;
    const shown = isLarge ? null : (maskText(text)?.text ?? null);
    const why = isLarge
      ? ["it is too large to be shown here"]
      : ["it is no JSON at the moment, so that no secret in it could be told apart"];
    return {
      text: shown,
      path: this.#path(),
      writable: reason === "" && shown !== null,
      reason: shown === null && reason === "" ? (why[0] as string) : reason,
      etag: etagOf(text),
      notes,
      warnings: found.map(shownFinding),
    };
  }

  async check(given: string): Promise<RawCheck> {
    const { text: before } = await this.#present();
    const { plan } = await this.#plan(given, before);
    const refusals = plan.loaded === null ? [] : await this.#refusals(plan, given);
    const diagnostics = [...refusals, ...plan.diagnostics];
    const ok = plan.loaded !== null && refusals.length === 0;
    return { ok, diagnostics, diff: plan.diff, restart: plan.restart };
  }

  async put(given: string, etag: string): Promise<RawApplied> {
    const { ledger, book } = this.#started;
    const reason = this.#reason();
    if (reason !== "") throw new GatewayError("conflict", `${reason}: change it there and start again`);
    const present = await this.#present();
    if (etagOf(present.text) !== etag)
      throw new GatewayError("conflict", "the configuration was changed meanwhile: read it again", { param: "etag" });
    let applied: TextPlan | null = null;
    const { text } = this.#unmasked(given, present.text);
    const file = this.#reader === null ? null : await this.#prepare(text);
    try {
      await book.change(async (): Promise<readonly EntryChange[]> => {
        const { plan } = await this.#plan(given, present.text);
        const refusals = plan.loaded === null ? plan.diagnostics : await this.#refusals(plan, given);
        const first = refusals.find(({ severity }) => severity === "error");
        if (first !== undefined || plan.loaded === null) throw refused(first);
        applied = plan;
        return plan.changes;
      });
    } catch (error) {
      await file?.drop();
      throw error;
    }
    const plan = applied as unknown as TextPlan;
    const written = await this.#write(file);
    if (written === "") ledger.movedTo(plan.places);
    const trouble = written === "" || file === null ? [] : [plainFinding(written)];
    const after = await this.#present();
    return {
      ok: true,
      diagnostics: [...trouble, ...plan.diagnostics],
      diff: plan.diff,
      restart: plan.restart,
      etag: etagOf(after.text),
      written: file !== null && written === "",
    };
  }

  async #present(): Promise<Present> {
    if (this.#reader !== null) {
      const text = this.#reader.text();
      if (text !== null) return { text, notes: this.#fileNotes() };
      throw new GatewayError(
        "conflict",
        "the configuration file cannot be read now; see who may read it, and whether it is there",
      );
    }
    const { text, leftOut } = await effectiveText(this.#started.ledger.store);
    const notes = [
      "There is no configuration file: this is what is stored. What the environment brings along is not in it.",
    ];
    if (leftOut) notes.push("There are too many virtual keys for a text: they are left out, and stay as they are.");
    return { text, notes };
  }

  #fileNotes(): string[] {
    const { facts } = this.#started;
    if (facts.sourceOfTruth === "config.json") return ["The file always wins: what it lacks is deleted."];
    return ["What was changed through the API stays as it is until the entry of the file changes."];
  }

  #path(): string | null {
    if (this.#reader === null) return null;
    const fromHere = relative(process.cwd(), this.#reader.path);
    return fromHere.startsWith("..") ? this.#reader.path : fromHere;
  }

  #reason(): string {
    const { ledger, frozen } = this.#started;
    if (frozen !== null) return "the configuration store cannot be written now";
    if (this.#reader === null) return "";
    if (ledger.file.rulesAlone) return "the file alone says what is configured (config_store.enabled is false)";
    return unwritable(this.#reader.path);
  }

  #unmasked(given: string, before: string): { readonly text: string; readonly finding: RawDiagnostic | null } {
    const result = unmaskText(given, before);
    if (result.ok) return { text: result.text, finding: null };
    const { line, column } = new SourceText("config.json", given).position(
      Buffer.byteLength(given.slice(0, result.offset)),
    );
    const path = result.pointer.slice(1).replaceAll("/", ".");
    const message = `${path}: this is a masked value, and it cannot be told whose`;
    return {
      text: given,
      finding: { severity: "error", line, column, path, message, hint: "write the secret itself, or env.NAME" },
    };
  }

  async #plan(given: string, before: string): Promise<{ readonly plan: TextPlan }> {
    const { text, finding } = this.#unmasked(given, before);
    const { ledger, fingerprint } = this.#started;
    const plan = await planText(text, {
      store: ledger.store,
      fingerprint,
      load: this.#load,
      hasFile: this.#reader !== null,
      before,
      now: ledger.options.now,
    });
    if (finding === null) return { plan };
    return { plan: { ...plan, diagnostics: [finding, ...plan.diagnostics], loaded: null, changes: [], diff: [] } };
  }

  /** What no text that came by the API may do: reach addresses that are not allowed, or send a stored key elsewhere. */
  async #refusals({ loaded, changes }: TextPlan, given: string): Promise<RawDiagnostic[]> {
    const { ledger } = this.#started;
    const touched = new Set(
      changes.flatMap((change) => (change.type === "put" ? [change.entry.owner || change.entry.id] : [])),
    );
    const providers = (loaded?.entities ?? []).filter(
      (entity): entity is ProviderEntity => entity.kind === "provider" && touched.has(entity.name),
    );
    const found: RawDiagnostic[] = [];
    const note = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        found.push({ ...plainFinding(error.message, "error"), path: error.param ?? "" });
      }
    };
    for (const entity of providers)
      await note(async () => {
        const before = ledger.providers.entityOf(entity.name);
        await demandAllowed(entity, before, ledger.options.addresses);
        const renewed = entity.keys.filter(({ value }) => value !== "" && given.includes(JSON.stringify(value)));
        if (before !== null) demandSameHosts(entity, before, new Set(renewed.map(({ id }) => id)), ledger);
      });
    for (const change of changes) {
      if (change.type !== "put" || change.entry.kind !== "block") continue;
      const { entry } = change;
      const known = ledger.blocks.get(entry.id) ?? null;
      await note(() => demandAddresses(ledger, { name: entry.id, path: `${entry.id}.` }, entry, known));
    }
    return found;
  }

  async #prepare(text: string) {
    try {
      return await prepareFile((this.#reader as FileReader).path, text);
    } catch (error) {
      throw new GatewayError("conflict", `the file cannot be written: ${codeOf(error)}; nothing was changed`);
    }
  }

  /** Empty: it is there. */
  async #write(file: Awaited<ReturnType<typeof prepareFile>> | null): Promise<string> {
    try {
      await file?.put();
      return "";
    } catch (error) {
      await file?.drop();
      return `the change is in force, but the file could not be written (${codeOf(error)}): the next start reads the old one`;
    }
  }
}

function refused(finding: RawDiagnostic | undefined): GatewayError {
  const place = finding === undefined || finding.line === 0 ? "" : `line ${finding.line}, column ${finding.column}: `;
  const hint = finding?.hint ? ` (${finding.hint})` : "";
  const message = finding === undefined ? "the text cannot be used" : finding.message + hint;
  return new GatewayError("invalid_request", `${place}${message}; nothing was changed`, {
    param: finding?.path || "text",
  });
}

function etagOf(text: string): string {
  return hash("sha256", text, "hex").slice(0, 32);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
