// Fetches the code and the styles of a page when it is first opened.
import type { ComponentType } from "preact";
import type { PageEntry, PageProps } from "./pages.ts";

/** Loaded, or why it could not be. */
export type LoadedPage =
  | { readonly type: "page"; readonly Page: ComponentType<PageProps> }
  | { readonly type: "failed"; readonly error: unknown };

const loaded = new Map<string, LoadedPage>();
let styles: Record<string, readonly string[]> | null = null;

/** What is there already. */
export function loadedPage(name: string): LoadedPage | undefined {
  return loaded.get(name);
}

/** Never rejects. What failed is tried again by the next call. */
export async function loadPage(page: PageEntry): Promise<LoadedPage> {
  const before = loaded.get(page.name);
  if (before?.type === "page") return before;
  try {
    const [{ Page }] = await Promise.all([page.load(), ...stylesOf(page.name).map(addStyle)]);
    loaded.set(page.name, { type: "page", Page });
  } catch (error) {
    loaded.set(page.name, { type: "failed", error });
  }
  return loaded.get(page.name) as LoadedPage;
}

/** The build names the styles of each page in the head of the document. */
function stylesOf(name: string): readonly string[] {
  const told = document.querySelector<HTMLMetaElement>("meta[name=page-styles]")?.content ?? "{}";
  styles ??= JSON.parse(told) as Record<string, readonly string[]>;
  return styles[name] ?? [];
}

function addStyle(href: string): Promise<void> {
  if (document.querySelector(`link[href="${href}"]`) !== null) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  return new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error("a style of this page could not be loaded"));
    });
    document.head.append(link);
  });
}
