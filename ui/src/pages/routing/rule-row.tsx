// One routing rule in the list: what it asks, where it sends, and its place, which is changed by drag or by arrow keys.
import { useState } from "preact/hooks";
import { percent } from "../../lib/format.ts";
import { setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Badge, Locked } from "../../parts/status.tsx";
import { Switch } from "../../parts/switch.tsx";
import type { Rule, RuleTarget } from "./types.ts";

export interface RuleRowFacts {
  readonly rule: Rule;
  /** Its place among the rules of its scope, from 0. */
  readonly place: number;
  readonly count: number;
  readonly isLocked: boolean;
  readonly onMove: (to: number) => void;
  readonly onDragStart: () => void;
  readonly canDrop: boolean;
  readonly onDrop: () => void;
  readonly onSwitch: (enabled: boolean) => void;
  readonly onRemove: () => void;
}

export function RuleRow(facts: RuleRowFacts) {
  const { rule, place, count, isLocked, canDrop } = facts;
  const [isOver, setOver] = useState(false);
  return (
    <li
      onDragOver={(event) => {
        if (!canDrop) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (canDrop) facts.onDrop();
      }}
    >
      <div class="routing-rule" data-over={isOver} data-off={!rule.enabled} data-testid="rule">
        {isLocked ? <span /> : <Grip {...facts} />}
        <div class="stack-tight routing-text">
          <p>
            <a
              class="strong"
              href={`?rule=${encodeURIComponent(rule.id)}`}
              onClick={(event) => openHere(event, rule.id)}
            >
              {rule.name}
            </a>{" "}
            {rule.chain_rule && <Badge title="The rules are asked again with what it chose">chain</Badge>}{" "}
            {!rule.enabled && <Badge tone="off">off</Badge>}{" "}
            {isLocked && rule.source.place !== undefined && <Locked file={rule.source.place} />}
          </p>
          {rule.scope_id !== null && <p class="soft small">for {rule.scope_id}</p>}
          <p>
            {rule.cel_expression === "" ? <span class="soft">every request</span> : <code>{rule.cel_expression}</code>}
          </p>
          <p class="soft">→ {rule.targets.map((target) => targetWords(target, rule.targets.length)).join(" · ")}</p>
          {rule.fallbacks.length > 0 && <p class="soft small">then {rule.fallbacks.join(", ")}</p>}
        </div>
        <div class="row routing-acts">
          <span class="soft small num" title="Lower priorities are asked first">
            {place + 1} of {count}
          </span>
          {!isLocked && (
            <>
              <Switch label={`${rule.name} is on`} quiet on={rule.enabled} onChange={facts.onSwitch} />
              <Button small kind="bare" icon="trash" label={`Delete ${rule.name}`} onClick={facts.onRemove} />
            </>
          )}
        </div>
      </div>
    </li>
  );
}

function openHere(event: MouseEvent, id: string): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  setQuery({ rule: id }, { replace: false });
}

function Grip({ rule, place, count, onMove, onDragStart }: RuleRowFacts) {
  const move = (event: KeyboardEvent) => {
    const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined || to < 0 || to >= count) return;
    event.preventDefault();
    onMove(to);
  };
  return (
    <button
      type="button"
      id={`grip-${rule.id}`}
      class="routing-grip"
      draggable
      aria-label={`Move ${rule.name}: place ${place + 1} of ${count}, arrow keys move it`}
      title="Drag, or press the arrow keys"
      onDragStart={onDragStart}
      onKeyDown={move}
    >
      <Icon name="updown" />
    </button>
  );
}

function targetWords({ provider, model, weight }: RuleTarget, count: number): string {
  const name = `${provider ?? "its provider"}/${model ?? "its model"}`;
  return count === 1 ? name : `${percent(weight ?? 1 / count)} ${name}`;
}
