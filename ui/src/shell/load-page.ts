// Fetches the code of a page when it is first opened.
import type { ComponentType } from "preact";
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
    loaded.set(page.name, { type: "failed", error });
  }
  return loaded.get(page.name) as LoadedPage;
}
