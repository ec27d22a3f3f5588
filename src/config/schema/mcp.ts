// The schema of the mcp block: servers whose tools are offered to models. Read for its form, without effect yet.

import { Type } from "typebox";
import {
  anything,
  block,
  choice,
  count,
  flag,
  headers,
  list,
  mapOf,
  names,
  secondsOrDuration,
  secret,
  text,
} from "./kinds.ts";

const oauth = block(
  "OAuth at the MCP server.",
  {
    client_id: text("Client id.", { examples: ["env.MCP_CLIENT_ID"] }),
    client_secret: secret("Client secret.", { examples: ["env.MCP_CLIENT_SECRET"] }),
    authorize_url: text("Where the user is sent.", { examples: ["https://auth.example.com/authorize"] }),
    token_url: text("Where tokens come from.", { examples: ["https://auth.example.com/token"] }),
    registration_url: text("Where clients are registered.", { examples: ["https://auth.example.com/register"] }),
    scopes: names("Scopes.", { examples: [["tools"]] }),
  },
  { open: true },
);

const client = block(
  "One MCP server.",
  {
    id: text("Identity.", { examples: ["mcp-1"] }),
    client_id: text("Identity, as answers spell it.", { examples: ["mcp-1"] }),
    name: text("Name, without hyphens and spaces.", { examples: ["files"] }),
    connection_type: choice("How it is reached.", ["http", "sse", "stdio", "inprocess"]),
    connection_string: secret("Its address.", { examples: ["https://mcp.example.com/mcp"] }),
    stdio_config: block("The program to run.", {
      command: text("Program.", { examples: ["npx"] }),
      args: names("Arguments.", { examples: [["-y", "a-server"]] }),
      envs: list("Variables that it gets.", Type.String({ secret: true }), { examples: [["HOME"]] }),
    }),
    auth_type: choice(
      "How the gateway proves who it is.",
      ["none", "headers", "oauth", "per_user_oauth", "per_user_headers", "token_exchange"],
      {
        default: "none",
      },
    ),
    oauth_config: oauth,
    headers: headers("Headers of every call."),
    allowed_extra_headers: names("Headers of the caller that go on.", { examples: [["X-Session"]] }),
    per_user_header_keys: names("Headers that every user brings.", { examples: [["X-Token"]] }),
    token_exchange: anything("Exchange of the caller's token.", { examples: [{}] }),
    tools_to_execute: names('Tools that may be called; ["*"] = all, [] = none.', { examples: [["*"]] }),
    tools_to_auto_execute: names("Tools that are called without being asked for.", { examples: [["read_file"]] }),
    tool_pricing: mapOf("Tool to dollars of a call.", Type.Number({ minimum: 0 }), { examples: [{ search: 0.001 }] }),
    tool_sync_interval: secondsOrDuration("Time between reads of the tool list.", "10m"),
    tool_execution_timeout: secondsOrDuration("Longest time of a tool.", 30),
    is_code_mode_client: flag("Its tools are called from code."),
    is_ping_available: flag("The server answers pings.", true),
    needs_session_stickiness: flag("A session stays at one connection."),
    allow_on_all_virtual_keys: flag("Every virtual key may use it."),
    vk_configs: anything("Tools by virtual key.", { examples: [[]] }),
    tls_config: anything("Certificates of the connection.", { examples: [{}] }),
    disabled: flag("A server that is off is not used."),
  },
  { open: true },
);

export const mcpSchema: Type.TSchema = block(
  "Servers whose tools are offered to models.",
  {
    client_configs: list("The servers.", client),
    tool_manager_config: block(
      "How tools are called.",
      {
        tool_execution_timeout: secondsOrDuration("Longest time of a tool.", 30),
        max_agent_depth: count("Rounds of tools in one request.", 10),
        code_mode_binding_level: choice("How tools are bound in code mode.", ["server", "tool"], { default: "server" }),
        disable_auto_tool_inject: flag("Tools are not added to requests by themselves."),
      },
      { open: true },
    ),
    tool_groups: anything("Groups of tools.", { examples: [[]] }),
  },
  { later: "MCP" },
);
