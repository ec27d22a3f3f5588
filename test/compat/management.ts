// Calls of the management API as scripts make them, for the tests of this folder.
import assert from "node:assert/strict";
import type { FaultUpstream } from "../support/fault-upstream.ts";

/** Parsed JSON; tests look into any shape. */
export type Shown = ReturnType<typeof JSON.parse>;

export interface Managed {
  readonly status: number;
  readonly json: Shown;
  readonly text: string;
}

export interface Management {
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Managed>;
  /** The answer's JSON; fails unless it is 200. */
  get(path: string): Promise<Shown>;
  post(path: string, body?: unknown): Promise<Shown>;
  put(path: string, body: unknown): Promise<Shown>;
  remove(path: string): Promise<Shown>;
  /** Every answer so far, with the call that it was given to. */
  readonly answers: { readonly call: string; readonly text: string }[];
}

export function manage(url: string): Management {
  const answers: { call: string; text: string }[] = [];
  const call: Management["call"] = async (method, path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    answers.push({ call: `${method} ${path}`, text: `${text} ${JSON.stringify([...answer.headers])}` });
    return { status: answer.status, text, json: parsed(text) };
  };
  const good = async (method: string, path: string, body?: unknown): Promise<Shown> => {
    const answer = await call(method, path, body);
    assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`);
    return answer.json;
  };
  return {
    call,
    answers,
    get: (path) => good("GET", path),
    post: (path, body) => good("POST", path, body),
    put: (path, body) => good("PUT", path, body),
    remove: (path) => good("DELETE", path),
  };
}

function parsed(text: string): Shown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The credential of the newest request that reached the provider. */
export function lastKey(upstream: FaultUpstream): string | undefined {
  return upstream.requests.at(-1)?.key;
}

/** What the pages of 1.4 send for a new provider, every block filled. */
export function provider14(name: string, baseUrl: string, secret: string): Shown {
  return {
    provider: name,
    keys: [
      {
        id: "",
        name: `${name}-first`,
        value: { value: secret, env_var: "", from_env: false },
        models: ["*"],
        weight: 1,
        enabled: true,
        use_for_batch_api: false,
      },
    ],
    network_config: {
      base_url: baseUrl,
      extra_headers: {},
      default_request_timeout_in_seconds: 30,
      max_retries: 0,
      retry_backoff_initial: 500,
      retry_backoff_max: 5000,
    },
    concurrency_and_buffer_size: { concurrency: 1000, buffer_size: 5000 },
    proxy_config: { type: "none" },
    send_back_raw_request: false,
    send_back_raw_response: false,
    custom_provider_config: { base_provider_type: "openai", is_key_less: false },
  };
}

/** What scripts of 2.x send: no keys. */
export function provider2(name: string, baseUrl: string): Shown {
  return {
    provider: name,
    network_config: { base_url: baseUrl, max_retries: 0 },
    custom_provider_config: {
      base_provider_type: "openai",
      allowed_requests: { chat_completion: true, list_models: true },
    },
  };
}

/** Without what every change renews, and without the warnings of a change. */
export function lasting(shown: Shown): Shown {
  const { updated_at: _at, config_hash: _hash, warnings: _told, ...rest } = shown;
  return { ...rest, ...(Array.isArray(rest.keys) ? { keys: rest.keys.map(lasting) } : {}) };
}
