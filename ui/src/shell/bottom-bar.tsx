// The menu on a phone: four pages at the bottom, the others in a sheet.
import { useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { ThemeButton } from "./menu.tsx";
import { PAGES } from "./pages.ts";
import { overlay } from "./shell-state.ts";

const AT_HAND = ["home", "requests", "usage", "providers"];

export function BottomBar({ current }: { readonly current: string }) {
  const [isOpen, setOpen] = useState(false);
  const pages = AT_HAND.flatMap((name) => PAGES.filter((page) => page.name === name));
  const others = PAGES.filter((page) => page.menu !== "none" && !AT_HAND.includes(page.name));
  const isElsewhere = others.some((page) => page.name === current);
  return (
    <>
      <nav class="bottom-bar" aria-label="Pages, at hand">
        {pages.map((page) => (
          <a key={page.name} href={page.path} aria-current={page.name === current ? "page" : undefined}>
            <Icon name={page.icon} size={18} />
            {page.title}
          </a>
        ))}
        <button
          type="button"
          aria-haspopup="dialog"
          aria-current={isElsewhere ? "page" : undefined}
          onClick={() => setOpen(true)}
        >
          <Icon name="more" size={18} />
          More
        </button>
      </nav>
      {isOpen && (
        <Dialog title="Pages" kind="sheet" onClose={() => setOpen(false)}>
          <div class="sheet-menu" onClick={() => setOpen(false)}>
            {others.map((page) => (
              <a
                key={page.name}
                class="menu-item"
                href={page.path}
                aria-current={page.name === current ? "page" : undefined}
              >
                <Icon name={page.icon} />
                {page.title}
              </a>
            ))}
            <button type="button" class="menu-item" onClick={() => (overlay.value = "commands")}>
              <Icon name="search" />
              Find anything
            </button>
          </div>
          <div class="sheet-menu sheet-tail">
            <a class="menu-item" href="/docs" data-browser="">
              <Icon name="docs" />
              Documentation
            </a>
            <ThemeButton />
          </div>
        </Dialog>
      )}
    </>
  );
}
