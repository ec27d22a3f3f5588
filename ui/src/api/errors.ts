// What a failed call of the gateway's API tells: status, code and words, and the field that it is about.

/** An answer that is no success, or none at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Name or dotted path of the field that the gateway objects to; null: it is about the whole. */
  readonly param: string | null;
  /** Seconds to wait before it makes sense to ask again; null = not told. */
  readonly retryAfter: number | null;

  constructor(
    message: string,
    facts: { status: number; code: string; param?: string | null; retryAfter?: number | null },
  ) {
    super(message);
    this.name = "ApiError";
    this.status = facts.status;
    this.code = facts.code;
    this.param = facts.param ?? null;
    this.retryAfter = facts.retryAfter ?? null;
  }

  /** The gateway did not answer at all. */
  get isOffline(): boolean {
    return this.status === 0;
  }
}

/** The error that belongs to a field of a form, or undefined: give it to a Field. `names`: the field and what else it is called. */
export function fieldError(error: ApiError | null, ...names: readonly string[]): string | undefined {
  if (error?.param === null || error === null) return undefined;
  const param = error.param.replace(/^body\./, "");
  const isMeant = names.some((name) => param === name || param.startsWith(`${name}.`) || param.startsWith(`${name}[`));
  return isMeant ? error.message : undefined;
}

/** Anything that was thrown, as an ApiError. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(error instanceof Error ? error.message : String(error), { status: -1, code: "in_this_page" });
}

/** Reads the error object of an answer; what is no such object becomes words about the status. */
export function errorOf(status: number, text: string, retryAfter: string | null): ApiError {
  const facts = { status, retryAfter: retryAfter === null ? null : Number(retryAfter) || null };
  try {
    const body: unknown = JSON.parse(text);
    const error =
      (body as { error?: { message?: unknown; code?: unknown; type?: unknown; param?: unknown } }).error ?? {};
    if (typeof error.message === "string")
      return new ApiError(error.message, {
        ...facts,
        code: String(error.code ?? error.type ?? "error"),
        param: typeof error.param === "string" ? error.param : null,
      });
  } catch {
    // no JSON: the status is all there is
  }
  return new ApiError(`the gateway answered with status ${status}`, { ...facts, code: "error" });
}
