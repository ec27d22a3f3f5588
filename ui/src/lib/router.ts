// Where the reader is: path and query as signals, and the ways to move. Links are ordinary links.
import { signal } from "@preact/signals";

/** An address of the UI, taken apart. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface Move {
  /** Takes the place of the present entry of the history. */
  readonly replace?: boolean;
  /** The page stays where it was scrolled to, and the focus where it was. */
  readonly quiet?: boolean;
}

const read = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

/** The present place; components that read it are drawn again when it changes. */
export const place = signal<Place>(read());

/** Rises with each move that shows another page to the reader: the shell brings the focus there. */
export const arrivals = signal(0);

let taken = 0;

/** True once for each arrival: whoever asks brings the focus. */
export function takeArrival(): boolean {
  if (taken === arrivals.peek()) return false;
  taken = arrivals.peek();
  return true;
}

/** Goes to an address of the UI: `/requests?status=error`. */
export function navigate(href: string, { replace = false, quiet = false }: Move = {}): void {
  const url = new URL(href, location.href);
  if (url.href === location.href) return;
  if (replace) history.replaceState(history.state, "", url);
  else history.pushState(null, "", url);
  place.value = read();
  if (quiet) return;
  window.scrollTo(0, 0);
  arrivals.value++;
}

/** Changes parameters of the query and nothing else; null removes one. Replaces the entry of the history unless told otherwise. */
export function setQuery(changes: Readonly<Record<string, string | null>>, { replace = true }: Move = {}): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  navigate(`${location.pathname}${text === "" ? "" : `?${text}`}`, { replace, quiet: true });
}

/** The value of a parameter of the query, or null; reading it in a component follows it. */
export function queryValue(name: string): string | null {
  return place.value.query.get(name);
}

/** True for clicks that the browser should take itself: other tab, other site, download. */
function isForBrowser(event: MouseEvent, link: HTMLAnchorElement): boolean {
  if (event.defaultPrevented || event.button !== 0) return true;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return true;
  if (link.target !== "" && link.target !== "_self") return true;
  return link.origin !== location.origin || link.hasAttribute("download") || link.dataset["browser"] !== undefined;
}

/** Follows the history and clicks on links. `isOurs`: whether a path is a page of the UI. Called once. */
export function startRouter(isOurs: (path: string) => boolean): void {
  history.scrollRestoration = "auto";
  addEventListener("popstate", () => {
    const before = place.value.path;
    place.value = read();
    if (before !== place.value.path) arrivals.value++;
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.href === "" || isForBrowser(event, link) || !isOurs(link.pathname)) return;
    if (link.hash !== "" && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    navigate(link.href);
  });
}
