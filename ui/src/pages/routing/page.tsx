// Routing: where a request would go, the rules that decide it, the health of the keys, the tiers of complexity.
import { useLive } from "../../api/live-stream.ts";
import { Page as Layout } from "../../parts/page.tsx";
import "./page.css";
import { Simulator } from "./simulator.tsx";

export function Page() {
  useLive();
  return (
    <Layout title="Routing" lead="Where would a request go, and why?">
      <Simulator />
    </Layout>
  );
}
