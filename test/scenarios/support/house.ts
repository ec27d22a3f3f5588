// What a scenario test starts: the providers at their real hosts, and the gateway on its default port with the configuration as written.
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type FaultUpstream, startFaultUpstream } from "../../support/fault-upstream.ts";
import { type GatewayStart, startTestGateway, type TestGateway } from "../../support/gateway.ts";
import { type ProviderHosts, provideHosts } from "../../support/provider-hosts.ts";
import { FAULT_HEADER, type PlayedProvider, type ProviderCall, playProvider } from "./played-provider.ts";
import { teach } from "./repertoire.ts";

/** The address that users write. */
export const BASE = "http://localhost:8080";
export const PORT = 8080;
const PATIENCE = 20_000;

export const OPENAI_HOST = "api.openai.com";
export const ANTHROPIC_HOST = "api.anthropic.com";
/** The resource whose endpoint the configurations of these tests name. */
export const AZURE_HOST = "drawbridge-test.openai.azure.com";
export const AZURE_ENDPOINT = `https://${AZURE_HOST}`;

/** Who plays; the gateway is started apart, so that a test may start it in its own way. */
export interface Stage {
  readonly openai: PlayedProvider;
  readonly anthropic: PlayedProvider;
  readonly azure: PlayedProvider;
  readonly hosts: ProviderHosts;
  /** What the gateway is started with to reach them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Every call so far, provider by provider. */
  calls(): ProviderCall[];
  /** All well again, and no call remembered. */
  reset(): void;
  close(): Promise<void>;
}

export interface House extends Stage {
  readonly gateway: TestGateway;
}

export async function setStage(): Promise<Stage> {
  const faults: FaultUpstream = await startFaultUpstream({ behaviour: (request) => request.headers[FAULT_HEADER] });
  const [openai, anthropic, azure] = await Promise.all([
    playProvider("openai", faults),
    playProvider("anthropic", faults),
    playProvider("azure", faults),
  ]);
  const all = [openai, anthropic, azure];
  for (const player of all) teach(player.mock, player === anthropic ? "refusal" : "content_filter");
  const hosts = await provideHosts({
    [OPENAI_HOST]: openai.port,
    [ANTHROPIC_HOST]: anthropic.port,
    [AZURE_HOST]: azure.port,
  });
  return {
    openai,
    anthropic,
    azure,
    hosts,
    environment: hosts.environment,
    calls: () => all.flatMap((player) => player.calls),
    reset: () => {
      for (const player of all) {
        player.fault = null;
        player.script = null;
        player.forget();
      }
    },
    close: async () => {
      hosts.close();
      await Promise.all([...all.map((player) => player.close()), faults.close()]);
    },
  };
}

/** `config` is written as it stands. */
export async function openHouse(config: string, start: Omit<GatewayStart, "config" | "port"> = {}): Promise<House> {
  await untilPortIsFree();
  const stage = await setStage();
  try {
    const environment = { ...stage.environment, ...start.environment };
    const gateway = await startTestGateway({ ...start, config, port: PORT, environment });
    return {
      ...stage,
      gateway,
      close: async () => {
        await gateway.stop();
        await stage.close();
      },
    };
  } catch (error) {
    await stage.close();
    throw error;
  }
}

/** Scenarios use the default port, one test after another; who else holds it is told, not fought. */
export async function untilPortIsFree(): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!(await isFree("127.0.0.1")) || !(await isFree("::1"))) {
    if (performance.now() > end)
      throw new Error(
        `port ${PORT} is taken by another program, and these tests run on the default port: find it with \`lsof -i :${PORT}\`, stop it, and run them again`,
      );
    await pause(100);
  }
}

function isFree(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 has no such address to be taken.
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port: PORT, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
