// The text of a config.json to start from: it starts as it is, and its comments say what else it may hold.
import type { ProviderAdapter } from "../core/provider.ts";

/** The provider of the example where the environment names none. */
const USUAL = "openai";

interface Starter {
  readonly provider: string;
  readonly variable: string;
}

/** The providers that need nothing but a key, with the variable that is set. */
function starters(
  adapters: readonly ProviderAdapter[],
  environment: Readonly<Record<string, string | undefined>>,
): Starter[] {
  const usable = adapters.filter(({ baseUrl, keyless }) => baseUrl !== null && !keyless);
  const found = usable.flatMap(({ name, environment: variables }): Starter[] => {
    const variable = variables.find((one) => (environment[one] ?? "").trim() !== "");
    return variable === undefined ? [] : [{ provider: name, variable }];
  });
  return found.length > 0 ? found : [{ provider: USUAL, variable: "OPENAI_API_KEY" }];
}

/** The text, and the variables that it names. */
export function startingConfig(
  adapters: readonly ProviderAdapter[],
  environment: Readonly<Record<string, string | undefined>>,
): { readonly text: string; readonly variables: readonly string[] } {
  const found = starters(adapters, environment);
  const providers = found.map(
    ({ provider, variable }) =>
      `    "${provider}": { "keys": [{ "name": "main", "value": "env.${variable}", "models": ["*"], "weight": 1 }] }`,
  );
  const [first] = found;
  return { text: textWith(providers.join(",\n"), first!.provider), variables: found.map(({ variable }) => variable) };
}

function textWith(providers: string, first: string): string {
  return `// Configuration of Drawbridge. Comments are allowed; "drawbridge check" tells what is wrong with it.
// The project's docs/configuration.md describes every member. A change of this file counts from the next start.
{
  // In lists of what is allowed, [] means nothing and ["*"] everything.
  "version": 2,

  // Where models are. "env.NAME" reads a secret from the environment; the secret itself may stand here too.
  // Besides these there is always "demo", which answers without any account.
  "providers": {
${providers}
    // One more key of a provider spreads the requests by weight, and takes over when the other is throttled:
    //   "keys": [{ "name": "a", "value": "env.KEY_A", "weight": 0.8 }, { "name": "b", "value": "env.KEY_B", "weight": 0.2 }]
    // An address of one's own, and further tries:
    //   "network_config": { "base_url": "https://proxy.example.com", "max_retries": 2 }
    // Any server that speaks like OpenAI, under a name of its own:
    //   "local": {
    //     "custom_provider_config": { "base_provider_type": "openai", "is_key_less": true },
    //     "network_config": { "base_url": "http://localhost:8000" }
    //   }
  },

  // Keys that clients use instead of the providers' own. Take the slashes away to have one.
  // "governance": {
  //   "virtual_keys": [
  //     {
  //       "name": "my app",
  //       "value": "sk-bf-change-me",
  //       "provider_configs": [{ "provider": "${first}", "weight": 1, "allowed_models": ["*"] }],
  //       "budgets": [{ "max_limit": 10, "reset_duration": "1d" }],
  //       "rate_limit": { "request_max_limit": 100, "request_reset_duration": "1m" }
  //     }
  //   ]
  // },

  "client": {
    // true: requests without a virtual key are refused.
    "enforce_auth_on_inference": false,
    // true: records keep no content of requests and answers.
    "disable_content_logging": false
  }
}
`;
}
