// Routing: where a request would go, the rules that decide it, the health of the keys, the tiers of complexity.
import { useLive } from "../../api/live-stream.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Curtain } from "../../parts/curtain.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Complexity } from "./complexity.tsx";
import { KeyHealthCard } from "./health.tsx";
import "./page.css";
import { Rules } from "./rules.tsx";
import { Simulator } from "./simulator.tsx";

export function Page() {
  useLive();
  return (
    <Layout
      title="Routing"
      lead="Where would a request go, and why?"
      actions={<ButtonLink href="/keys">Weights of virtual keys</ButtonLink>}
    >
      <Curtain>
        <Simulator />
        <Rules />
        <KeyHealthCard />
        <Complexity />
      </Curtain>
    </Layout>
  );
}
