// Break it: makes the demo provider fail for a while, so that a failover can be watched.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { useResource } from "../../api/resource.ts";
import { Segments, Switch } from "../../parts/switch.tsx";
import { Time } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";

interface DemoState {
  readonly enabled: boolean;
  readonly mode: Mode;
  readonly until: string | null;
}
type Mode = "ok" | "slow" | "fail" | "throttle" | "break";

const WAYS = [
  { value: "fail", label: "It fails" },
  { value: "slow", label: "It is slow" },
  { value: "throttle", label: "It limits" },
  { value: "break", label: "It breaks off" },
] as const;

/** Nothing where no demo provider is in use. */
export function BreakIt() {
  const demo = useResource<DemoState>("/api/demo", { every: 15_000 });
  const [wanted, setWanted] = useState<Mode | null>(null);
  if (demo.data?.enabled !== true) return null;
  const { until } = demo.data;
  const mode = wanted ?? demo.data.mode;
  const change = async (next: Mode) => {
    setWanted(next);
    try {
      const state = await send<DemoState>("PUT", "/api/demo", { mode: next });
      demo.patch(() => state);
    } catch (error) {
      toast({ text: `The demo provider was not changed: ${toApiError(error).message}.`, tone: "bad" });
    }
    setWanted(null);
  };
  return (
    <section class={`home-demo${mode === "ok" ? "" : " is-broken"}`} aria-label="Demo provider" data-testid="break-it">
      <Switch label="Break it" on={mode !== "ok"} onChange={(isOn) => void change(isOn ? "fail" : "ok")} />
      {mode === "ok" ? (
        <span class="soft grow">Makes the demo provider fail, to watch what the gateway does about it.</span>
      ) : (
        <>
          <Segments
            label="How the demo provider is broken"
            value={mode}
            options={WAYS}
            onChange={(way) => void change(way)}
          />
          {until !== null && (
            <span class="soft small">
              mends itself <Time at={until} />
            </span>
          )}
        </>
      )}
    </section>
  );
}
