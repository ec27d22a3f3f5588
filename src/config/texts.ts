// How names and paths are written in messages: short, and never a secret.
import { looksSecret } from "./source-text.ts";

/** A name in quotes, cut to a readable length; a name that looks like a secret is not told. */
export function quoted(name: string): string {
  return looksSecret(name) ? '"********"' : JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);
}

/** The path of a value: `providers.openai.keys[0]`. */
export function pathText(names: readonly (string | number)[]): string {
  let path = "";
  for (const name of names) {
    if (typeof name === "number") path += `[${name}]`;
    else if (path === "") path = name;
    else path += /^[\w-]+$/.test(name) && !looksSecret(name) ? `.${name}` : `[${quoted(name)}]`;
  }
  return path;
}
