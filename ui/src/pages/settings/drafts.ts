// The drafts of the settings page: kept while the reader is on other pages, saved all or none.
import { signal } from "@preact/signals";
import { send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { refresh } from "../../api/resource.ts";
import { toast } from "../../parts/toast.tsx";
import { changesOf, type Drafts, type Setting, withDraft } from "./settings-form.ts";

/** What is typed and not saved. */
export const drafts = signal<Drafts>({});
/** What the gateway objected to at the last try. */
export const saveError = signal<ApiError | null>(null);

export function setDraft(setting: Setting, text: string): void {
  drafts.value = withDraft(drafts.value, setting, text);
  if (saveError.value?.param === setting.path) saveError.value = null;
}

export function discardDrafts(): void {
  drafts.value = {};
  saveError.value = null;
}

/** How many of the drafts can be saved here. */
export function openChanges(settings: readonly Setting[]): number {
  return Object.keys(changesOf(settings, drafts.value)).length;
}

export async function saveDrafts(settings: readonly Setting[]): Promise<void> {
  const changes = changesOf(settings, drafts.value);
  saveError.value = null;
  try {
    const { warnings } = await send<{ warnings?: readonly string[] }>("PATCH", "/api/settings", changes);
    await afterSettings();
    drafts.value = Object.fromEntries(Object.entries(drafts.value).filter(([path]) => !(path in changes)));
    const told = warnings ?? [];
    toast(told.length === 0 ? { text: "Saved and in force.", tone: "good" } : { text: `Saved. ${told.join(" ")}` });
  } catch (error) {
    saveError.value = toApiError(error);
  }
}

/** Asks anew for all that settings show. */
export async function afterSettings(): Promise<void> {
  await Promise.all(
    ["/api/settings", "/api/ui/state", "/api/pricing", "/api/session", "/api/config", "/api/audit"].map(refresh),
  );
}
