// Where a reader goes after the login: back to where the way led from, never to another site.

/** `asked`: of the query. `here`: the address of this page. */
export function returnPath(asked: string | null, here: string): string {
  if (asked === null || !asked.startsWith("/")) return "/";
  const url = URL.parse(asked, here);
  if (url === null || url.origin !== new URL(here).origin) return "/";
  return ["/login", "/setup"].includes(url.pathname) ? "/" : url.pathname + url.search;
}
