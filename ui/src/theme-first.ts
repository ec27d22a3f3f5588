// Runs before anything is painted: the theme that the reader chose, so that no page flashes in the other one.

/** Where the choice is kept: `light` or `dark`; absent = as the system has it. */
const KEY = "drawbridge.theme";

try {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
} catch {
  // without storage the system's theme stays
}
