// What failed, why, and what to do about it, with a button to try again.
import type { ComponentChildren } from "preact";
import type { ApiError } from "../api/errors.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

export interface ErrorFacts {
  /** One sentence: what the reader did not get. */
  readonly what: string;
  readonly error: ApiError;
  /** What the reader can do besides trying again. */
  readonly remedy?: ComponentChildren;
  readonly onRetry?: (() => unknown) | undefined;
}

export function ErrorPanel({ what, error, remedy, onRetry }: ErrorFacts) {
  return (
    <div class="error-panel" role="alert">
      <Icon name="warning" />
      <div class="grow">
        <p class="strong">{what}</p>
        <p class="soft">
          {sentence(error.message)}{" "}
          {error.status > 0 && <span class="faint nowrap">({`${error.status} ${error.code}`})</span>}
        </p>
        {remedy !== undefined && <p class="soft">{remedy}</p>}
      </div>
      {onRetry !== undefined && (
        <Button icon="retry" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Words of the gateway as a sentence. */
function sentence(words: string): string {
  const text = words.trim();
  if (text === "") return "No reason was given.";
  return `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;
}
