// Fetches the code of a page when it is first opened.
import type { ComponentType } from "preact";
import { isConnected } from "../api/connection.ts";
import type { PageEntry, PageProps } from "./pages.ts";

/** Loaded, or why it could not be. */
export type LoadedPage =
  | { readonly type: "page"; readonly Page: ComponentType<PageProps> }
  | { readonly type: "failed"; readonly error: unknown };

const loaded = new Map<string, LoadedPage>();

/** What is there already. */
export function loadedPage(name: string): LoadedPage | undefined {
  return loaded.get(name);
}

/** Never rejects. What failed is tried again by the next call. */
export async function loadPage(page: PageEntry): Promise<LoadedPage> {
  const before = loaded.get(page.name);
  if (before?.type === "page") return before;
  try {
    const { Page } = await page.load();
    loaded.set(page.name, { type: "page", Page });
  } catch (error) {
    if (isOfOlderBuild()) location.reload();
    loaded.set(page.name, { type: "failed", error });
  }
  return loaded.get(page.name) as LoadedPage;
}

const RELOADED = "drawbridge.reloaded";
/** ms in which a second failure is no matter of builds. */
const AGAIN = 20_000;

/** After an update the files that this document names are gone: loading it anew once brings the new names. */
function isOfOlderBuild(): boolean {
  if (!isConnected.peek()) return false;
  try {
    const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (Date.now() - last < AGAIN) return false;
    sessionStorage.setItem(RELOADED, String(Date.now()));
    return true;
  } catch {
    return false;
  }
}
