// Needs attention: what somebody should look at, each with what to do; nothing is shown where nothing does.
import { useState } from "preact/hooks";
import { liveHealth } from "../../api/live-store.ts";
import { now } from "../../lib/now.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { type AttentionFacts, attentionOf } from "./attention-items.ts";

const FEW = 5;

export function Attention(facts: Omit<AttentionFacts, "health" | "now">) {
  const [isWhole, setWhole] = useState(false);
  const items = attentionOf({ ...facts, health: liveHealth.value, now: now.value });
  if (items.length === 0) return null;
  const shown = isWhole ? items : items.slice(0, FEW);
  return (
    <Card title="Needs attention" flush testId="attention">
      <ul class="home-attention">
        {shown.map(({ id, tone, text, act, href }) => (
          <li key={id} class={tone}>
            <Icon name={tone === "info" ? "info" : "warning"} />
            <span class="grow">{text}</span>
            <a href={href}>{act}</a>
          </li>
        ))}
      </ul>
      {items.length > FEW && (
        <div class="home-more">
          <Button kind="bare" small expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Show fewer" : `Show all ${items.length}`}
          </Button>
        </div>
      )}
    </Card>
  );
}
