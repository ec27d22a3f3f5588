// The command menu: pages, what can be done here, providers, virtual keys, and requests by id.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { rank } from "../lib/rank.ts";
import { navigate } from "../lib/router.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { findObjects } from "./command-objects.ts";
import { type Command, registered } from "./commands.ts";
import { PAGES } from "./pages.ts";
import { overlay } from "./shell-state.ts";
import { setTheme } from "./theme.ts";

const LIST = "command-list";

function ownCommands(): Command[] {
  const go = PAGES.filter((page) => page.menu !== "none").map(
    (page): Command => ({
      id: `page:${page.name}`,
      title: page.title,
      group: "Pages",
      icon: page.icon,
      ...(page.letter === undefined ? {} : { keys: `g ${page.letter}` }),
      run: () => navigate(page.path),
    }),
  );
  return [
    ...go,
    { id: "theme:light", title: "Use the light theme", group: "Look", icon: "sun", run: () => setTheme("light") },
    { id: "theme:dark", title: "Use the dark theme", group: "Look", icon: "moon", run: () => setTheme("dark") },
    {
      id: "theme:system",
      title: "Use the system's theme",
      group: "Look",
      icon: "screen",
      run: () => setTheme("system"),
    },
    {
      id: "docs",
      title: "Open the documentation",
      group: "Look",
      icon: "docs",
      run: () => location.assign("/docs"),
    },
    { id: "help", title: "Show the keys", group: "Look", icon: "info", keys: "?", run: () => (overlay.value = "help") },
  ];
}

export function CommandMenu({ onClose }: { readonly onClose: () => void }) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useFound(query);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    document.getElementById(`${LIST}-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    // the window closes first and gives the focus back; then the command may take it
    requestAnimationFrame(() => command.run());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((now) => Math.max(0, Math.min(found.length - 1, now + step)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[chosen]);
    } else if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      onClose();
    }
  };
  return (
    <Dialog title="Find anything" kind="menu" onClose={onClose}>
      <div class="command-input">
        <Icon name="search" />
        <input
          ref={input}
          role="combobox"
          aria-expanded="true"
          aria-controls={LIST}
          aria-activedescendant={found.length === 0 ? undefined : `${LIST}-${chosen}`}
          aria-label="Find a page, provider, key, request or action"
          placeholder="Find a page, provider, key, request id, action"
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          spellcheck={false}
          autoComplete="off"
        />
        <kbd>Esc</kbd>
      </div>
      <div class="command-list" role="listbox" id={LIST} aria-label="Found">
        {found.map((command, index) => (
          <CommandRow
            key={command.id}
            command={command}
            id={`${LIST}-${index}`}
            isFirst={index === 0 || found[index - 1]?.group !== command.group}
            isChosen={index === chosen}
            onPoint={() => setChosen(index)}
            onRun={() => run(command)}
          />
        ))}
      </div>
      {found.length === 0 && <p class="command-none soft">Nothing is called “{query}”.</p>}
    </Dialog>
  );
}

/** Found in this page at once, and in the gateway a moment later. */
function useFound(query: string): readonly Command[] {
  const [objects, setObjects] = useState<readonly Command[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      findObjects(query, abort.signal).then(setObjects, () => {});
    }, 120);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  const own = useMemo(ownCommands, []);
  const here = rank(query, [...registered.value, ...own], (command) => command.title);
  return [...here, ...objects];
}

interface RowFacts {
  readonly command: Command;
  readonly id: string;
  /** The first of its group. */
  readonly isFirst: boolean;
  readonly isChosen: boolean;
  readonly onPoint: () => void;
  readonly onRun: () => void;
}

function CommandRow({ command, id, isFirst, isChosen, onPoint, onRun }: RowFacts) {
  return (
    <>
      {isFirst && (
        <div class="command-group" role="presentation">
          {command.group}
        </div>
      )}
      <div class="command" role="option" id={id} aria-selected={isChosen} onPointerMove={onPoint} onClick={onRun}>
        <Icon name={command.icon} />
        <span class="clip">{command.title}</span>
        {command.hint !== undefined && <span class="faint clip">{command.hint}</span>}
        {command.keys !== undefined && (
          <span class="command-keys">
            {command.keys.split(" ").map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </span>
        )}
      </div>
    </>
  );
}
