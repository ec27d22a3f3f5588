// Figures, states, notes and times.
import { Card, Facts } from "../../parts/card.tsx";
import { Copyable } from "../../parts/code-block.tsx";
import { Count, Duration, Figure, Meter, Money, Percent, Tokens } from "../../parts/figures.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Badge, Locked, Note, RequestStatus, StatusDot } from "../../parts/status.tsx";
import { Time, ZoneSwitch } from "../../parts/time.tsx";
import { SERIES } from "./samples.ts";

export function Texts() {
  return (
    <>
      <div class="figures">
        <Figure name="Requests" value={<Count value={12_431} />} note="+8 % to yesterday">
          <Sparkline label="Requests by hour" values={SERIES[0]?.values ?? []} />
        </Figure>
        <Figure name="Success" value={<Percent of={0.9972} />} note="as the clients saw it">
          <Sparkline label="Success by hour" tone="good" values={SERIES[1]?.values ?? []} />
        </Figure>
        <Figure
          name="Latency p50 / p95"
          value={
            <>
              <Duration ms={412} /> / <Duration ms={1834} />
            </>
          }
          note="gateway itself 23 µs"
        >
          <Sparkline label="Latency by hour" values={SERIES[2]?.values ?? []} />
        </Figure>
        <Figure name="Spend today" value={<Money usd={4.213} />} note="of $20.00">
          <Meter label="Budget of today" used={4.213} limit={20} />
        </Figure>
      </div>
      <div class="grid">
        <Card title="States" actions={<ZoneSwitch />}>
          <div class="row">
            <StatusDot tone="good">ready</StatusDot>
            <StatusDot tone="warn" reason="2 of 3 keys rest">
              degraded
            </StatusDot>
            <StatusDot tone="bad">failing</StatusDot>
            <StatusDot tone="info" live>
              running
            </StatusDot>
            <StatusDot tone="off">switched off</StatusDot>
            <RequestStatus status="success" code={200} />
            <RequestStatus status="error" code={503} />
          </div>
          <div class="row">
            <Badge>plain</Badge>
            <Badge tone="good">ok</Badge>
            <Badge tone="warn">80 %</Badge>
            <Badge tone="bad">failed</Badge>
            <Badge tone="info">new</Badge>
            <Badge tone="accent">azure 503</Badge>
            <Locked file="config.json" line={14} />
          </div>
          <div class="row">
            <Money usd={0.0042} /> <Money usd={null} /> <Duration ms={0.84} /> <Tokens count={12_400} />{" "}
            <Time at={Date.now() - 65_000} />
          </div>
          <Meter label="Budget" used={17} limit={20}>
            $17.00 of $20.00
          </Meter>
          <Meter label="Budget" used={21} limit={20}>
            $21.00 of $20.00
          </Meter>
        </Card>
        <Card title="Notes">
          <Note>Prices are of 2026-11-20.</Note>
          <Note tone="warn">One key is not set in the environment: OPENAI_KEY_2.</Note>
          <Note tone="bad">The budget of team research is used up.</Note>
          <Facts
            rows={[
              ["Id", <Copyable key="id" text="01jd9q4v8f7w2k0h5n3c6m1x9z" />],
              ["Virtual key", "research"],
              ["Asked", "gpt-4o"],
            ]}
          />
        </Card>
      </div>
    </>
  );
}
