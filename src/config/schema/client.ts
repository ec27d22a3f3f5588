// The schema of the client and server blocks: what concerns every request.
import type { Static } from "typebox";
import { anything, block, count, flag, later, names } from "./kinds.ts";

export const clientSchema = block("What concerns every request.", {
  enforce_auth_on_inference: flag("Requests without a virtual key are refused."),
  enforce_governance_header: flag("Older spelling of enforce_auth_on_inference."),
  enforce_scim_auth: flag("Older spelling of enforce_auth_on_inference."),
  // always on: older files switch it on, and switching it off never let a bad key pass
  enable_governance: flag("Older switch, without effect.", true),
  required_headers: names("Headers that every request must have."),
  max_request_body_size_mb: count("Largest request body, MB.", 100, { minimum: 1, maximum: 1024 }),
  enable_logging: flag("Requests are recorded.", true),
  disable_content_logging: flag("Records keep no content."),
  log_retention_days: count("Days that records are kept.", 365, { minimum: 1, maximum: 36_500 }),
  allowed_origins: names('Web origins that may call the inference routes; ["*"] = all.'),
  allowed_headers: names("Headers that web pages may send, besides the usual ones."),
  whitelisted_routes: names("Management routes that answer to every Host."),
  header_filter_config: block("Headers of the caller that go on to the provider.", {
    allowlist: names("Sent on without the prefix x-bf-eh-."),
    denylist: names("Never sent on."),
  }),
  // sizes of pools and queues of another architecture: nothing is lost by ignoring them
  initial_pool_size: anything("Without effect."),
  drop_excess_requests: later("client.drop_excess_requests", false),
  prometheus_labels: later("client.prometheus_labels"),
  logging_headers: later("client.logging_headers"),
  allow_direct_keys: later("provider keys sent by the caller (allow_direct_keys)", false),
  compat: block("Conversions.", {
    convert_text_to_chat: flag("Text completions become chats where a provider or a model only chats."),
    convert_chat_to_responses: later("client.compat.convert_chat_to_responses", false),
    should_drop_params: later("client.compat.should_drop_params", false),
    should_convert_params: later("client.compat.should_convert_params", false),
  }),
  enable_litellm_fallbacks: later("client.enable_litellm_fallbacks", false),
  allow_per_request_raw_override: later("client.allow_per_request_raw_override", false),
  allow_per_request_content_storage_override: later("client.allow_per_request_content_storage_override", false),
  retain_content_in_object_storage: later("client.retain_content_in_object_storage", false),
  async_job_result_ttl: later("async jobs", 3600),
  disable_db_pings_in_health: later("client.disable_db_pings_in_health", false),
  dump_errors_in_console_logs: later("client.dump_errors_in_console_logs", false),
  hide_deleted_virtual_keys_in_filters: later("client.hide_deleted_virtual_keys_in_filters", false),
  dual_credential_conflict_behavior: later("client.dual_credential_conflict_behavior", "error"),
  routing_chain_max_depth: later("routing rules", 10),
  media_hosts: later("client.media_hosts"),
  mcp_agent_depth: later("MCP", 10),
  mcp_tool_execution_timeout: later("MCP", 30),
  mcp_code_mode_binding_level: later("MCP", "server"),
  mcp_tool_sync_interval: later("MCP", 10),
  mcp_disable_auto_tool_inject: later("MCP", false),
  mcp_server_auth_mode: later("MCP", "headers"),
  mcp_external_client_url: later("MCP", ""),
  oauth2_server_config: later("an OAuth server"),
  webhook_config: later("webhooks"),
});

export const serverSchema = block("The listener.", {
  allowed_hosts: names("Host names, besides loopback and addresses, that management routes answer to."),
  read_buffer_size: anything("Without effect."),
});

export type ClientConfig = Static<typeof clientSchema>;
export type ServerConfig = Static<typeof serverSchema>;
