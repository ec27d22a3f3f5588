// Where an entry comes from, in words.
import { Badge } from "../../parts/status.tsx";
import type { Source } from "./types.ts";

const WORDS: Readonly<Record<Source["type"], string>> = {
  file: "from the file",
  environment: "from the environment",
  api: "saved here",
  "built-in": "built in",
};

export function SourceWords({ source }: { readonly source: Source }) {
  return (
    <Badge title={source.place}>
      {WORDS[source.type]}
      {source.place !== undefined && `: ${source.place}`}
    </Badge>
  );
}
