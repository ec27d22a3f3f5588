// Builds the login of a control plane out of its configuration, its environment and its store.
import { randomBytes } from "node:crypto";
import type { ConfiguredLogin, LoginState, SetupToken } from "../core/login.ts";
import type { SetupFacts } from "../core/plane-messages.ts";
import { isLoopbackHost } from "../lib/host-names.ts";
import { Login } from "./login.ts";
import { type SessionStore, Sessions } from "./sessions.ts";

export interface LoginSources {
  /** The name or address that the gateway listens on. */
  readonly host: string;
  /** Null before the configuration was read. */
  readonly configured: () => ConfiguredLogin | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Made at the start of the process, for when none is configured. */
  readonly generatedToken: string | undefined;
  readonly openRoutes: () => readonly string[];
  readonly store: () => SessionStore | null;
  readonly tell: (state: LoginState) => void;
  readonly onTrouble: (error: unknown) => void;
  readonly onGuessing: (address: string) => void;
  readonly onFailed: (address: string) => void;
  readonly now: () => number;
}

const VARIABLES = ["DRAWBRIDGE_SETUP_TOKEN", "BIFROST_SETUP_TOKEN"];

export function createLogin(sources: LoginSources): Login {
  const { host, configured, store, now, onTrouble, onGuessing, onFailed, openRoutes, tell } = sources;
  const generated = sources.generatedToken ?? randomBytes(24).toString("base64url");
  return new Login({
    settings: () => configured()?.login ?? null,
    isOpenToOthers: !isLoopbackHost(host.includes(":") ? `[${host}]` : host),
    setupToken: () => tokenOf(sources.environment) ?? configured()?.setupToken ?? { token: generated, place: "" },
    openRoutes,
    sessions: new Sessions({ store, now, onTrouble }),
    onGuessing,
    onFailed,
    tell,
    now,
  });
}

function tokenOf(environment: LoginSources["environment"]): SetupToken | null {
  for (const name of VARIABLES) {
    const token = environment[name]?.trim() ?? "";
    if (token !== "") return { token, place: name };
  }
  return null;
}

/** What the start text tells; undefined where there is nothing to set up. A token that was configured is not told. */
export function setupFacts(login: Login): SetupFacts | undefined {
  if (login.mode !== "setup") return undefined;
  const { token, place } = login.setupToken;
  return { token: place === "" ? token : null, place };
}
