// Stands in the page itself and runs before anything is painted: the theme that the reader chose, and whether the page has the frame with the menu.

/** Where the choice is kept: `light` or `dark`; absent = as the system has it. */
const KEY = "drawbridge.theme";

// as the entries of shell/pages.ts that are bare
if (/^\/(?:login|setup)$/.test(location.pathname)) document.documentElement.dataset["bare"] = "";

try {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
} catch {
  // without storage the system's theme stays
}
