// The schema of the client and server blocks: what concerns every request.
import type { Static } from "typebox";
import { block, choice, contentLevel, count, flag, names, seconds, secret, text } from "./kinds.ts";

const MCP = { later: "MCP" };
const ASYNC = { later: "async jobs" };
const OAUTH = { later: "an OAuth server" };
const WEBHOOKS = { later: "webhooks" };
const OWN = (name: string) => ({ later: `client.${name}` });

const compat = block("Conversions between kinds of requests.", {
  convert_text_to_chat: flag("Text completions become chats where a provider or a model only chats."),

  convert_chat_to_responses: flag(
    "A chat for a model that only has responses becomes one.",
    false,
    OWN("compat.convert_chat_to_responses"),
  ),
  should_drop_params: flag(
    "Parameters that the model does not know are left out.",
    false,
    OWN("compat.should_drop_params"),
  ),
  should_convert_params: flag(
    "Parameters are converted to what the model knows.",
    false,
    OWN("compat.should_convert_params"),
  ),
});

const oauthServer = block(
  "The OAuth server for clients of the MCP gateway.",
  {
    enabled: flag("Whether there is one."),
    issuer_url: text("Address under which clients know it.", { examples: ["https://gateway.example.com"] }),
    access_token_ttl: count("Seconds for which an access token is good.", 3600),
    refresh_token_ttl: count("Seconds for which a refresh token is good.", 2_592_000),
  },
  { ...OAUTH, open: true },
);

const webhook = block(
  "How webhooks are delivered.",
  {
    max_retries: count("Further tries at a delivery.", 5),
    timeout_in_seconds: seconds("Longest time of a delivery.", 10),
  },
  { ...WEBHOOKS, open: true },
);

const ENFORCE = "Older spelling of enforce_auth_on_inference.";

export const clientSchema = block("What concerns every request.", {
  enforce_auth_on_inference: flag("Requests without a virtual key are refused."),
  enforce_governance_header: flag(ENFORCE),
  enforce_scim_auth: flag(ENFORCE),
  // always on: older files switch it on, and switching it off never let a bad key pass
  enable_governance: flag("Older switch of governance, which is always on.", true, { idle: true }),
  required_headers: names("Headers that every request must have.", { examples: [["X-Tenant"]] }),
  max_request_body_size_mb: count("Largest request body, MB.", 100, { minimum: 1, maximum: 1024 }),
  enable_logging: flag("Requests are recorded.", true),
  disable_content_logging: flag("Records keep no content of requests and answers."),
  content_level: contentLevel(
    "What records keep of content: nothing; the last user text and the answer, 8 KB each; both whole; or as ends, with secrets and personal data blotted out.",
    { default: "ends" },
  ),
  log_max_size_mb: count("Largest size of the log, MB, above which the oldest records go; 0 = any size.", 10_240),
  log_retention_days: count("Days for which records are kept.", 365, { minimum: 1, maximum: 36_500 }),
  allowed_origins: names(
    'Web origins that may call the inference routes; ["*"] = all, without cookies. Absent = all where every request needs a credential, else pages of this machine alone.',
    { examples: [["https://app.example.com"]] },
  ),
  allowed_headers: names("Headers that web pages may send, besides the usual ones.", { examples: [["X-Trace"]] }),
  whitelisted_routes: names(
    "Management routes that need no login and answer to every Host; a star at the end stands for the rest.",
    {
      examples: [["/metrics"]],
    },
  ),
  header_filter_config: block("Headers of the caller that go on to the provider.", {
    allowlist: names("Sent on without the prefix x-bf-eh-.", { examples: [["X-Session"]] }),
    denylist: names("Never sent on.", { examples: [["X-Internal"]] }),
  }),
  // sizes of pools and queues of another architecture: nothing is lost by ignoring them
  initial_pool_size: count("Size of pools of another architecture.", 5000, { idle: true }),
  drop_excess_requests: flag("Requests beyond a full queue are refused at once.", false, OWN("drop_excess_requests")),
  prometheus_labels: names("Labels of metrics that are filled from x-bf-dim-* headers.", {
    ...OWN("prometheus_labels"),
    examples: [["team"]],
  }),
  logging_headers: names("Headers that are kept in records.", { examples: [["X-Session"]] }),
  allow_direct_keys: flag("Callers may send a provider's key of their own.", false, {
    later: "provider keys sent by the caller (allow_direct_keys)",
  }),
  compat,
  enable_litellm_fallbacks: flag("Older switch of conversions.", false, OWN("enable_litellm_fallbacks")),
  allow_per_request_raw_override: flag(
    "A request may ask for raw bodies of the provider.",
    false,
    OWN("allow_per_request_raw_override"),
  ),
  allow_per_request_content_storage_override: flag("A request may say whether its content is kept."),
  retain_content_in_object_storage: flag(
    "Content stays in object storage when records end.",
    false,
    OWN("retain_content_in_object_storage"),
  ),
  async_job_result_ttl: count("Seconds for which results of async jobs are kept.", 3600, ASYNC),
  disable_db_pings_in_health: flag("/health does not ask the stores.", false, OWN("disable_db_pings_in_health")),
  dump_errors_in_console_logs: flag(
    "Errors of requests are written to the process log.",
    false,
    OWN("dump_errors_in_console_logs"),
  ),
  hide_deleted_virtual_keys_in_filters: flag(
    "Filters of the log leave out deleted virtual keys.",
    false,
    OWN("hide_deleted_virtual_keys_in_filters"),
  ),
  dual_credential_conflict_behavior: choice(
    "What counts when a request carries a virtual key and a login.",
    ["error", "prefer_vk", "prefer_idp"],
    {
      ...OWN("dual_credential_conflict_behavior"),
      default: "error",
    },
  ),
  routing_chain_max_depth: count("So often routing rules are applied one after another.", 10, {
    minimum: 1,
    maximum: 100,
  }),
  media_hosts: names("Hosts from which media are fetched.", {
    ...OWN("media_hosts"),
    examples: [["media.example.com"]],
  }),
  mcp_agent_depth: count("Rounds of tools in one request.", 10, MCP),
  mcp_tool_execution_timeout: count("Longest time of a tool, seconds.", 30, MCP),
  mcp_code_mode_binding_level: choice("How tools are bound in code mode.", ["server", "tool"], {
    ...MCP,
    default: "server",
  }),
  mcp_tool_sync_interval: count("Minutes between reads of the tool lists.", 10, MCP),
  mcp_disable_auto_tool_inject: flag("Tools are not added to requests by themselves.", false, MCP),
  mcp_server_auth_mode: choice("How clients of the MCP gateway prove who they are.", ["headers", "both", "oauth"], {
    ...MCP,
    default: "headers",
  }),
  mcp_external_client_url: text("Address under which MCP servers reach the gateway.", {
    ...MCP,
    examples: ["https://gateway.example.com"],
  }),
  oauth2_server_config: oauthServer,
  webhook_config: webhook,
});

export const serverSchema = block("The listener.", {
  allowed_hosts: names(
    "Host names, besides loopback and addresses, that management routes answer to while no login is set.",
    {
      examples: [["gateway.example.com"]],
    },
  ),
  read_buffer_size: count("Size of a buffer of another architecture, bytes.", 65_536, { idle: true }),
});

export const authSchema = block("The login of the management API.", {
  is_enabled: flag("Whether a login is needed."),
  admin_username: text("Name to log in with; env.NAME reads it from the environment.", { examples: ["admin"] }),
  admin_password: secret("Password to log in with; it is stored as a slow hash.", { examples: ["env.ADMIN_PASSWORD"] }),
  disable_auth_on_inference: flag("Older: inference stays open to callers without the login."),
  setup_token: secret("Lets its holder set the first login.", { examples: ["env.SETUP_TOKEN"] }),
});

export const frameworkSchema = block("What the gateway fetches for itself.", {
  pricing: block("Prices and facts about models.", {
    pricing_url: text(
      "Address of the price sheet, or the path of a file, relative to the app dir; env.NAME reads it from the environment.",
      {
        examples: ["https://prices.example.com/sheet.json"],
      },
    ),
    pricing_sync_interval: count("Seconds between two reads of the price sheet.", 86_400, {
      minimum: 3600,
    }),
    model_parameters_url: text("Address of the sheet of models' parameters.", {
      later: "the sheet of models' parameters",
      examples: ["https://prices.example.com/parameters.json"],
    }),
    mcp_library_url: text("Address of the list of MCP servers.", {
      ...MCP,
      examples: ["https://mcp.example.com/library.json"],
    }),
    live_models_sync_interval: count("Seconds between two reads of the providers' model lists.", 3600, {
      later: "framework.pricing.live_models_sync_interval",
    }),
  }),
});

export type ClientConfig = Static<typeof clientSchema>;
export type ServerConfig = Static<typeof serverSchema>;
export type AuthConfig = Static<typeof authSchema>;
