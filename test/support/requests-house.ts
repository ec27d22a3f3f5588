// A gateway with two providers that break at will, and keys for each kind of request that the page Requests has to tell of.
import { type FaultUpstream, startFaultUpstream } from "./fault-upstream.ts";
import { post, startTestGateway, type TestGateway } from "./gateway.ts";

export interface RequestsHouse {
  readonly gateway: TestGateway;
  /** What each provider plays, by the names of the demo's models; null: what the model's name says. */
  readonly plays: { azure: string | null; openai: string | null };
  /** POST of a chat as one of the keys: `team`, `whole`, `capped`. */
  chat(
    key: string,
    body?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): ReturnType<typeof post>;
  close(): Promise<void>;
}

export async function startRequestsHouse(): Promise<RequestsHouse> {
  const plays: RequestsHouse["plays"] = { azure: null, openai: null };
  const upstreams: FaultUpstream[] = await Promise.all([
    startFaultUpstream({ behaviour: () => plays.azure }),
    startFaultUpstream({ behaviour: () => plays.openai }),
  ]);
  const provider = (name: string, at: number, retries = 0) => ({
    keys: [{ name: `${name}-main`, value: `sk-${name}` }],
    network_config: {
      base_url: upstreams[at]?.url,
      max_retries: retries,
      retry_backoff_initial: 1,
      retry_backoff_max: 1,
    },
    custom_provider_config: { base_provider_type: "openai" },
  });
  const both = [
    { provider: "azure-east", weight: 1 },
    { provider: "openai-eu", weight: 0 },
  ];
  const gateway = await startTestGateway({
    config: {
      providers: {
        "azure-east": provider("azure", 0),
        "openai-eu": provider("openai", 1),
        stubborn: provider("stubborn", 0, 49),
      },
      governance: {
        pricing_overrides: [
          {
            name: "mini",
            scope_kind: "global",
            match_type: "exact",
            pattern: "gpt-4o-mini",
            request_types: ["chat_completion"],
            patch: { input_cost_per_token: 0.00000015, output_cost_per_token: 0.0000006 },
          },
        ],
        virtual_keys: [
          { id: "vk-team", name: "team", value: "sk-bf-team", provider_configs: both },
          {
            id: "vk-whole",
            name: "whole",
            value: "sk-bf-whole",
            provider_configs: [...both, { provider: "stubborn", weight: 0 }],
            content_level: "full",
          },
          {
            id: "vk-capped",
            name: "capped",
            value: "sk-bf-capped",
            provider_configs: both,
            budgets: [{ id: "b-capped", max_limit: 0.000000001, reset_duration: "1d" }],
          },
        ],
      },
    },
  });
  return {
    gateway,
    plays,
    chat: (key, body = {}, headers = {}) =>
      post(
        `${gateway.url}/v1/chat/completions`,
        { model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }], ...body },
        { "x-bf-vk": `sk-bf-${key}`, ...headers },
      ),
    close: async () => {
      await gateway.stop();
      await Promise.all(upstreams.map((upstream) => upstream.close()));
    },
  };
}
