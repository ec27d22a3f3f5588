// Calls the management API of the gateway that served this page: JSON in, JSON out, errors as ApiError.
import { lost, reached } from "./connection.ts";
import { ApiError, errorOf } from "./errors.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Stay on this page when the login is missing: pages of the login itself. */
  readonly stay?: boolean;
}

/** GET. Rejects with ApiError. */
export function get<T>(path: string, options: CallOptions = {}): Promise<T> {
  return call<T>("GET", path, undefined, options);
}

/** A change; `body` is sent as JSON. Rejects with ApiError. */
export function send<T = unknown>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<T> {
  return call<T>(method, path, body, options);
}

async function call<T>(method: string, path: string, body: unknown, options: CallOptions): Promise<T> {
  const answer = await request(method, path, body, options);
  const text = await readText(answer, options.signal);
  if (!answer.ok) throw errorOf(answer.status, text, answer.headers.get("retry-after"));
  return (text === "" ? null : JSON.parse(text)) as T;
}

/** The answer as it comes, for downloads and streams; without the login the reader is sent to it. Rejects with ApiError. */
export async function request(
  method: string,
  path: string,
  body: unknown,
  options: CallOptions = {},
): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json", ...options.headers };
  if (body !== undefined) headers["content-type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    lost();
    throw new ApiError("the gateway does not answer", { status: 0, code: "offline" });
  }
  reached();
  if (answer.status === 401 && options.stay !== true && (await isLoginMissing(answer))) toLogin();
  return answer;
}

async function readText(answer: Response, signal: AbortSignal | undefined): Promise<string> {
  try {
    return await answer.text();
  } catch (error) {
    // given up by the page itself: the gateway is there
    if (signal?.aborted === true) throw error;
    lost();
    throw new ApiError("the answer of the gateway broke off", { status: 0, code: "offline" });
  }
}

/** Other things are refused with 401 too: a virtual key that is not known, for instance. */
async function isLoginMissing(answer: Response): Promise<boolean> {
  const text = await answer
    .clone()
    .text()
    .catch(() => "");
  return errorOf(answer.status, text, null).code === "unauthorized";
}

/** The page of the login, which brings the reader back here. */
function toLogin(): void {
  if (location.pathname === "/login") return;
  location.assign(`/login?return=${encodeURIComponent(location.pathname + location.search)}`);
}
