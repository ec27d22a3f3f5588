// One finished request as a line for the terminal: what became of it, which way it took, how long, how much, and whose it was.

/** What a line needs of a row of the log, or of a request of the live stream. */
export interface ShownRequest {
  readonly id: string;
  readonly timestamp: string;
  readonly status: string;
  readonly status_code?: number | null;
  readonly requested_model?: string;
  readonly provider: string;
  readonly model: string;
  readonly latency: number | null;
  readonly cost: number | null;
  readonly user_id?: string | null;
  readonly virtual_key_name?: string | null;
  readonly total_tokens?: number | null;
  readonly token_usage?: { readonly total_tokens: number | null } | null;
  readonly error_message?: string | null;
  readonly error_details?: { readonly message: string } | null;
  readonly attempts?: readonly {
    readonly provider: string;
    readonly status: number | null;
    readonly outcome: string;
  }[];
}

const LOOKS: Readonly<Record<string, readonly [text: string, colour: number]>> = {
  success: ["✓ ok", 32],
  error: ["✗ error", 31],
  cancelled: ["– cancelled", 33],
};
/** Text of callers and providers may hold what a terminal takes for a command. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Without the newline. `coloured`: a person reads it on a terminal that shows colours. */
export function logLine(request: ShownRequest, coloured: boolean): string {
  const [look, colour] = LOOKS[request.status] ?? [request.status, 0];
  const tokens = request.total_tokens ?? request.token_usage?.total_tokens ?? null;
  const error = request.error_message ?? request.error_details?.message ?? null;
  const code = request.status !== "success" && request.status_code ? ` ${request.status_code}` : "";
  const paint = (text: string, sgr: number): string => (coloured && sgr > 0 ? `\u001b[${sgr}m${text}\u001b[0m` : text);
  const parts = [
    paint(clock(request.timestamp), 2),
    paint(`${look}${code}`.padEnd(12), colour),
    clean(route(request)).padEnd(28),
    clean(request.model || request.requested_model || "-").padEnd(20),
    duration(request.latency).padStart(7),
    (tokens === null ? "-" : `${count(tokens)} tok`).padStart(10),
    (request.cost === null ? "unpriced" : money(request.cost)).padStart(9),
    clean(request.user_id ?? request.virtual_key_name ?? "-"),
    paint(request.id, 2),
  ];
  const line = parts.join("  ");
  return request.status === "error" && error !== null ? `${line}\n${" ".repeat(10)}${clean(error)}` : line;
}

/** `azure 503 → openai`: each try, and how it failed where it did. */
function route({ attempts = [], provider }: ShownRequest): string {
  if (attempts.length === 0) return provider === "" ? "not sent" : provider;
  const tries = attempts.map((one) =>
    one.outcome === ""
      ? one.provider
      : `${one.provider} ${one.status !== null && one.status >= 300 ? one.status : one.outcome}`,
  );
  return tries.length <= 5 ? tries.join(" → ") : `${tries.slice(0, 2).join(" → ")} → … → ${tries.at(-1)}`;
}

function clean(text: string): string {
  const plain = text.replaceAll(CONTROLS, "\uFFFD");
  return plain.length > 200 ? `${plain.slice(0, 199)}…` : plain;
}

function clock(timestamp: string): string {
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime())
    ? "--:--:--"
    : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function duration(ms: number | null): string {
  if (ms === null) return "-";
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

function count(tokens: number): string {
  return tokens < 10_000 ? String(tokens) : `${(tokens / 1000).toFixed(1)}k`;
}

function money(usd: number): string {
  if (usd === 0) return "$0";
  return usd < 0.0001 ? "<$0.0001" : `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}
