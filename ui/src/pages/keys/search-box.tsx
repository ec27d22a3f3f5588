// A search that stands in the address, a moment after the last key press.
import { useEffect, useRef, useState } from "preact/hooks";
import { useKeys } from "../../lib/keys.ts";
import { queryValue, setQuery } from "../../lib/router.ts";

const QUIET = 200;

export function SearchBox({ label }: { readonly label: string }) {
  const shown = queryValue("search") ?? "";
  const [text, setText] = useState(shown);
  const box = useRef<HTMLInputElement>(null);
  useKeys({ "/": (event) => (event.preventDefault(), box.current?.focus()) });
  useEffect(() => {
    if (text === shown) return;
    const timer = window.setTimeout(() => setQuery({ search: text || null }), QUIET);
    return () => window.clearTimeout(timer);
  }, [text]);
  return (
    <input
      ref={box}
      class="input keys-search"
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}
