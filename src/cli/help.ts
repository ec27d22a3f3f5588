// The help text: commands, flags, where files are looked for, exit codes.
import { CHECK_FLAGS } from "./check.ts";
import { describeFlags } from "./flags.ts";
import { LOGS_FLAGS } from "./logs.ts";
import { ROUTE_FLAGS } from "./route.ts";
import { SERVE_FLAGS } from "./serve.ts";

export function helpText(version: string): string {
  return `Drawbridge ${version}: one OpenAI-compatible URL in front of every model.

  drawbridge [serve] [flags]         run the gateway
  drawbridge init [DIR]              write a config.json to start from, where there is none
  drawbridge check [FILE] [flags]    read a configuration and tell what is wrong with it
  drawbridge route MODEL [flags]     ask a running gateway how it would route a request
  drawbridge logs [-f] [flags]       show the newest requests of a running gateway, and follow them
  drawbridge rotate-encryption-key   seal the stored secrets with another key (docs/secrets.md)
  drawbridge help | version

Flags take one dash or two, and a value after a space or "=". In brackets: environment variables, the first that is
set counts; a flag comes before them.

serve
${describeFlags(SERVE_FLAGS)}

check
${describeFlags(CHECK_FLAGS)}

route
${describeFlags(ROUTE_FLAGS)}

logs
${describeFlags(LOGS_FLAGS)}

The app dir, when neither flag nor variable names it: "bifrost" in the configuration directory of the system
(~/.config, ~/Library/Application Support, %APPDATA%) if it is there already, else "drawbridge" in it; ./bifrost-data
where neither can be written. Without a config.json the providers come from their usual variables (OPENAI_API_KEY,
ANTHROPIC_API_KEY, …); with one, the file alone says which providers there are. "demo" is always there.

Signals: the first SIGTERM or SIGINT (Ctrl+C) lets requests under way finish, a second one ends at once.
Exit codes: 0 done; 1 the configuration cannot be used, or a failure; 2 wrong command line; 3 the port cannot be
opened; 4 no gateway answers; 5 check: the configuration starts, but holds mistakes (unknown, repeated or dangling
names); 128 + n ended at once by signal n.
`;
}
