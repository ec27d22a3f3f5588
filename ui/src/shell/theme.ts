// Light, dark, or as the system has it: kept in this browser, and told to whoever draws on a canvas.
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "drawbridge.theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function stored(): Theme {
  const found = document.documentElement.dataset["theme"];
  return found === "light" || found === "dark" ? found : "system";
}

/** What the reader chose. */
export const theme = signal<Theme>(stored());

/** What is seen now; charts read it to draw anew. */
export const isDark = signal(resolve());

function resolve(): boolean {
  const chosen = stored();
  return chosen === "system" ? systemDark.matches : chosen === "dark";
}

export function setTheme(chosen: Theme): void {
  const root = document.documentElement;
  if (chosen === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = chosen;
  try {
    if (chosen === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // without storage it lasts as long as this page
  }
  theme.value = chosen;
  isDark.value = resolve();
}

systemDark.addEventListener("change", () => {
  isDark.value = resolve();
});
