// The keys that work everywhere, and on lists.
import { modName } from "../lib/keys.ts";
import { Dialog } from "../parts/dialog.tsx";
import { PAGES } from "./pages.ts";

const ANYWHERE: readonly (readonly [string, string])[] = [
  [`${modName} K`, "Find pages, providers, keys, requests, and what can be done"],
  ["/", "Filter this list"],
  ["?", "This help"],
];
const LISTS: readonly (readonly [string, string])[] = [
  ["j", "Next row"],
  ["k", "Row before"],
  ["Enter", "Open the row"],
  ["Esc", "Close what is open"],
  ["[", "The neighbour before"],
  ["]", "The next neighbour"],
  ["Space", "Hold the live rows still"],
];

export function Help({ onClose }: { readonly onClose: () => void }) {
  const gotos = PAGES.flatMap((page) => (page.letter === undefined ? [] : [[`g ${page.letter}`, page.title] as const]));
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <div class="help">
        <KeyList title="Anywhere" keys={ANYWHERE} />
        <KeyList title="On lists" keys={LISTS} />
        <KeyList title="Go to" keys={gotos} />
      </div>
    </Dialog>
  );
}

function KeyList({ title, keys }: { readonly title: string; readonly keys: readonly (readonly [string, string])[] }) {
  return (
    <section class="stack">
      <h3>{title}</h3>
      <dl class="key-list">
        {keys.map(([key, words]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
