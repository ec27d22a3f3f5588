// Every page in one table: its address, its name in the menu, the key that goes there, and where its code is.
import type { ComponentType } from "preact";
import type { IconName } from "../parts/icon.tsx";

/** What the shell gives a page. */
export interface PageProps {
  /** The segments of the path behind the page's own: of `/requests/abc` it is `["abc"]`. */
  readonly rest: readonly string[];
}

export interface PageEntry {
  /** The folder below `pages/`. */
  readonly name: string;
  readonly title: string;
  /** The page has this path and all below it. */
  readonly path: string;
  readonly icon: IconName;
  /** `main`: in the menu; `tail`: at its end; `none`: not in it. */
  readonly menu: "main" | "tail" | "none";
  /** The second key after `g`. */
  readonly letter?: string;
  /** Without the frame: pages for who is not in yet. */
  readonly bare?: boolean;
  load(): Promise<{ readonly Page: ComponentType<PageProps> }>;
}

export const PAGES: readonly PageEntry[] = [
  {
    name: "home",
    title: "Home",
    path: "/",
    icon: "home",
    menu: "main",
    letter: "h",
    load: () => import("../pages/home/page.tsx"),
  },
  {
    name: "requests",
    title: "Requests",
    path: "/requests",
    icon: "requests",
    menu: "main",
    letter: "r",
    load: () => import("../pages/requests/page.tsx"),
  },
  {
    name: "usage",
    title: "Usage",
    path: "/usage",
    icon: "usage",
    menu: "main",
    letter: "u",
    load: () => import("../pages/usage/page.tsx"),
  },
  {
    name: "playground",
    title: "Playground",
    path: "/playground",
    icon: "playground",
    menu: "main",
    letter: "p",
    load: () => import("../pages/playground/page.tsx"),
  },
  {
    name: "routing",
    title: "Routing",
    path: "/routing",
    icon: "routing",
    menu: "main",
    letter: "o",
    load: () => import("../pages/routing/page.tsx"),
  },
  {
    name: "providers",
    title: "Providers",
    path: "/providers",
    icon: "providers",
    menu: "main",
    letter: "v",
    load: () => import("../pages/providers/page.tsx"),
  },
  {
    name: "keys",
    title: "Keys",
    path: "/keys",
    icon: "keys",
    menu: "main",
    letter: "k",
    load: () => import("../pages/keys/page.tsx"),
  },
  {
    // before the page whose path its own begins with
    name: "raw-config",
    title: "Raw config",
    path: "/settings/raw",
    icon: "edit",
    menu: "none",
    load: () => import("../pages/raw-config/page.tsx"),
  },
  {
    name: "settings",
    title: "Settings",
    path: "/settings",
    icon: "settings",
    menu: "tail",
    letter: "s",
    load: () => import("../pages/settings/page.tsx"),
  },
  {
    name: "login",
    title: "Log in",
    path: "/login",
    icon: "lock",
    menu: "none",
    bare: true,
    load: () => import("../pages/login/page.tsx"),
  },
  {
    name: "setup",
    title: "Set the admin password",
    path: "/setup",
    icon: "lock",
    menu: "none",
    bare: true,
    load: () => import("../pages/setup/page.tsx"),
  },
  ...(DEVELOPMENT
    ? [
        {
          name: "parts",
          title: "Parts",
          path: "/_parts",
          icon: "info",
          menu: "none",
          load: () => import("../pages/parts/page.tsx"),
        } as const,
      ]
    : []),
];

/** The page that a path belongs to, and what stands behind the page's own path; null: there is none. */
export function findPage(path: string): { readonly page: PageEntry; readonly rest: readonly string[] } | null {
  const clean = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  for (const page of PAGES) {
    if (clean === page.path) return { page, rest: [] };
    if (page.path === "/" || !clean.startsWith(`${page.path}/`)) continue;
    return {
      page,
      rest: clean
        .slice(page.path.length + 1)
        .split("/")
        .map(decode),
    };
  }
  return null;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
