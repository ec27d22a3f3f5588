// The menu at the side: seven pages, each of which answers one question, and at its end what is needed less often.
import { modName } from "../lib/keys.ts";
import { Icon, type IconName, Mark } from "../parts/icon.tsx";
import { PAGES, type PageEntry } from "./pages.ts";
import { overlay } from "./shell-state.ts";
import { setTheme, type Theme, theme } from "./theme.ts";

export function Menu({ current }: { readonly current: string }) {
  return (
    <nav class="menu" aria-label="Pages">
      <a class="brand" href="/" aria-label="Drawbridge, Home">
        <Mark />
        <span class="label">Drawbridge</span>
      </a>
      <button
        type="button"
        class="menu-item menu-find"
        onClick={() => (overlay.value = "commands")}
        title="Find anything"
      >
        <Icon name="search" />
        <span class="label">Find</span>
        <kbd class="hint" aria-hidden="true">{`${modName} K`}</kbd>
      </button>
      <ul>
        {pagesAt("main").map((page) => (
          <MenuLink key={page.name} page={page} current={current} />
        ))}
      </ul>
      <div class="menu-tail">
        <ThemeButton />
        <a class="menu-item" href="/docs" data-browser="" title="Documentation">
          <Icon name="docs" />
          <span class="label">Documentation</span>
        </a>
        <ul>
          {pagesAt("tail").map((page) => (
            <MenuLink key={page.name} page={page} current={current} />
          ))}
        </ul>
      </div>
    </nav>
  );
}

function pagesAt(place: PageEntry["menu"]): readonly PageEntry[] {
  return PAGES.filter((page) => page.menu === place);
}

function MenuLink({ page, current }: { readonly page: PageEntry; readonly current: string }) {
  return (
    <li>
      <a
        class="menu-item"
        href={page.path}
        aria-current={page.name === current ? "page" : undefined}
        title={page.title}
      >
        <Icon name={page.icon} />
        <span class="label">{page.title}</span>
      </a>
    </li>
  );
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const THEME_ICON: Readonly<Record<Theme, IconName>> = { system: "screen", light: "sun", dark: "moon" };
const THEME_NAME: Readonly<Record<Theme, string>> = {
  system: "System theme",
  light: "Light theme",
  dark: "Dark theme",
};

/** Goes through system, light and dark. */
export function ThemeButton() {
  const now = theme.value;
  return (
    <button
      type="button"
      class="menu-item"
      onClick={() => setTheme(NEXT[now])}
      aria-label={`${THEME_NAME[now]}; switch to ${THEME_NAME[NEXT[now]]}`}
      title={THEME_NAME[now]}
    >
      <Icon name={THEME_ICON[now]} />
      <span class="label">{THEME_NAME[now]}</span>
    </button>
  );
}
