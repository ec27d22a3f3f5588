// Makes the answer of /health out of what the loop last heard of the stores.

/** What the loop knows. */
export interface HealthFacts {
  /** The request log: null = it is switched off, or nothing was heard of it yet. */
  readonly logStore: { readonly ok: boolean; readonly reason: string } | null;
  /** The configuration store: null = there is none, or nothing was heard of it yet. */
  readonly configStore?: { readonly ok: boolean; readonly reason: string } | null;
  /** The store of counters: null or absent = nothing was heard of it yet. */
  readonly counterStore?: { readonly ok: boolean; readonly reason: string } | null;
  /** Whether the control thread runs. Without it traffic goes on, but changes and records wait. */
  readonly controlAlive: boolean;
  readonly draining: boolean;
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: string;
}

/** 200 while everything works; 503 names what does not, although requests are still served. */
export function healthAnswer(facts: HealthFacts): HealthAnswer {
  const problems: Record<string, string> = {};
  const tell = (name: string, { reason }: { readonly reason: string }): void => {
    problems[name] = withoutPaths(reason);
  };
  if (facts.logStore !== null && !facts.logStore.ok) tell("logs_store", facts.logStore);
  const configStore = facts.configStore ?? null;
  if (configStore !== null && !configStore.ok) tell("config_store", configStore);
  const counterStore = facts.counterStore ?? null;
  if (counterStore !== null && !counterStore.ok) tell("counter_store", counterStore);
  if (!facts.controlAlive)
    problems["control_plane"] = "is being started again; requests are served from the last configuration";
  if (facts.draining) problems["process"] = "is shutting down";
  const states = [facts.logStore, configStore, counterStore?.ok === false ? counterStore : null].filter(
    (store) => store !== null,
  );
  const pings = states.length === 0 ? "disabled" : states.every((store) => store.ok) ? "ok" : "error";
  const ok = Object.keys(problems).length === 0;
  const body = {
    status: ok ? "ok" : "degraded",
    components: { db_pings: pings, config_store: stateOf(configStore), logs_store: stateOf(facts.logStore) },
    ...(ok ? {} : { problems }),
  };
  return { status: ok ? 200 : 503, body: JSON.stringify(body) };
}

function stateOf(store: { readonly ok: boolean } | null): "ok" | "error" | "disabled" {
  return store === null ? "disabled" : store.ok ? "ok" : "error";
}

/** In quotes, as Node tells them, or bare. */
const QUOTED_PATH = /,? ?(?:\w+ )?(['"])(?:[A-Za-z]:)?[\\/][^'"]*\1(?: -> (['"])[^'"]*\2)?/g;
const BARE_PATH = /(?<![\w.\\/])(?:[A-Za-z]:)?[\\/][^\s'"\\/:;,()]+(?:[\\/][^\s'"\\/:;,()]*)+:? ?/g;

/** The system's words without the places of this machine: everybody may ask for the health, and the process log has them. */
function withoutPaths(reason: string): string {
  return reason.replace(QUOTED_PATH, "").replace(BARE_PATH, "").trim();
}
