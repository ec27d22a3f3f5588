// The frame around every page: skip link, menu, banner of a lost connection, the page, and what lies over it.
import { useKeys } from "../lib/keys.ts";
import { navigate, place } from "../lib/router.ts";
import { ConfirmHost } from "../parts/confirm.tsx";
import { Lazy } from "../parts/lazy.tsx";
import { Toasts } from "../parts/toast.tsx";
import { Banner } from "./banner.tsx";
import { BottomBar } from "./bottom-bar.tsx";
import { Menu } from "./menu.tsx";
import { PageFrame } from "./page-frame.tsx";
import { findPage, PAGES } from "./pages.ts";
import { closeOverlay, overlay } from "./shell-state.ts";

export function Shell() {
  const found = findPage(place.value.path);
  useShellKeys();
  if (found?.page.bare === true)
    return (
      <main id="main" tabIndex={-1}>
        <PageFrame />
      </main>
    );
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <div class="shell">
        <Menu current={found?.page.name ?? ""} />
        <div class="main">
          <Banner />
          <main id="main" tabIndex={-1}>
            <PageFrame />
          </main>
        </div>
        <BottomBar current={found?.page.name ?? ""} />
      </div>
      <Overlays />
      <ConfirmHost />
      <Toasts />
    </>
  );
}

const loadCommands = () => import("./command-menu.tsx").then((module) => module.CommandMenu);
const loadHelp = () => import("./help.tsx").then((module) => module.Help);

function Overlays() {
  if (overlay.value === "commands") return <Lazy load={loadCommands} props={{ onClose: closeOverlay }} />;
  if (overlay.value === "help") return <Lazy load={loadHelp} props={{ onClose: closeOverlay }} />;
  return null;
}

function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function useShellKeys(): void {
  const gotos = PAGES.filter((page) => page.letter !== undefined).map(
    (page) => [`g ${page.letter}`, () => navigate(page.path)] as const,
  );
  useKeys({
    ...Object.fromEntries(gotos),
    "mod+k": () => {
      overlay.value = overlay.peek() === "commands" ? "none" : "commands";
    },
    "?": () => {
      overlay.value = "help";
    },
  });
}
