// What the routes of the configuration's text answer.
import type { RawApplied, RawChange, RawCheck, RawConfig, RawDiagnostic } from "../../../../src/core/config-desk.ts";
import { send } from "../../api/client.ts";

export type { RawChange, RawCheck, RawConfig, RawDiagnostic };

/** What `text` would do; changes nothing. */
export function checkText(text: string, signal?: AbortSignal): Promise<RawCheck> {
  return send<RawCheck>("POST", "/api/config/check", { text }, { signal });
}

/** Rejects with 409 where the configuration is another one by now than `etag` names. */
export function saveText(text: string, etag: string): Promise<RawApplied> {
  return send<RawApplied>("PUT", "/api/config/raw", { text, etag });
}
