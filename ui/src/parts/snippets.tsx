// A call as curl, JavaScript and Python, with a placeholder for the key.
import { useState } from "preact/hooks";
import { curlSnippet, javascriptSnippet, pythonSnippet, type SnippetCall } from "../lib/snippets.ts";
import { CodeBlock } from "./code-block.tsx";
import { Tabs } from "./tabs.tsx";

export type SnippetsFacts = Omit<SnippetCall, "origin">;

export function Snippets(facts: SnippetsFacts) {
  const [shown, setShown] = useState("curl");
  const call: SnippetCall = { ...facts, origin: location.origin };
  const tab = (id: string, title: string, make: (call: SnippetCall) => string) => ({
    id,
    title,
    content: () => <CodeBlock code={make(call)} label={`the call in ${title}`} />,
  });
  return (
    <div class="stack">
      <Tabs
        label="The same call"
        current={shown}
        onChange={setShown}
        tabs={[
          tab("curl", "curl", curlSnippet),
          tab("js", "JavaScript", javascriptSnippet),
          tab("python", "Python", pythonSnippet),
        ]}
      />
    </div>
  );
}
