// `drawbridge logs`: prints the newest requests of a running gateway, and with -f each further one as it finishes.
import { readStream, StreamRefusedError } from "./event-stream.ts";
import { type CommandLine, type Flag, readFlags, refuseWords } from "./flags.ts";
import { logLine, type ShownRequest } from "./log-line.ts";
import { EXIT, type Terminal } from "./terminal.ts";

const PATIENCE = 15_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
/** Rows that were printed from the log may come by the stream once more: so many are remembered. */
const REMEMBERED = 4000;
/** What a gap of the stream hid is read from the log: as many rows at most, so far back before the last one shown, so long after. */
const GAP = { rows: 1000, back: 600_000, pause: 1000 };

export const LOGS_FLAGS: readonly Flag[] = [
  { name: "follow", type: "switch", help: "go on with each request as it finishes", also: ["f"] },
  { name: "errors", type: "switch", help: "only requests that failed" },
  { name: "vk", type: "text", value: "NAME", help: "only of this virtual key: its name or id", also: ["virtual-key"] },
  { name: "provider", type: "list", value: "NAME", help: "only by this provider" },
  { name: "model", type: "list", value: "NAME", help: "only for this model" },
  {
    name: "lines",
    type: "text",
    value: "N",
    help: "how many of the newest",
    default: "20",
    also: ["n"],
    check: (value) =>
      /^\d{1,4}$/.test(value) && Number(value) <= 1000 ? null : `"${value}" is no number from 0 to 1000`,
  },
  { name: "json", type: "switch", help: "a line of JSON for each" },
  {
    name: "url",
    type: "text",
    value: "URL",
    help: "the gateway to ask",
    default: "http://localhost:8080",
    environment: ["DRAWBRIDGE_URL"],
    check: (value) => (/^https?:$/.test(URL.parse(value)?.protocol ?? "") ? null : `"${value}" is no http address`),
  },
  {
    name: "token",
    type: "text",
    value: "TOKEN",
    help: "of an open session, where a login is set (or the variables DRAWBRIDGE_ADMIN_USER and DRAWBRIDGE_ADMIN_PASSWORD)",
  },
];

/** The exit code. With -f it ends only when the gateway refuses, or by a signal. */
export async function logs(args: readonly string[], terminal: Terminal): Promise<number> {
  const line = readFlags(args, LOGS_FLAGS, terminal.environment);
  refuseWords(line.words, 0, "drawbridge logs [flags]");
  return await new LogReading(line, terminal).run();
}

class LogReading {
  readonly #line: CommandLine;
  readonly #terminal: Terminal;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #print: (request: ShownRequest) => void;
  readonly #printed = new Set<string>();
  #keyId: string | null = null;
  /** The last event that came. */
  #since: string | null = null;
  #isListed = false;
  #isTold = false;
  #pause = FIRST_PAUSE;
  /** The oldest row that is of interest, and the newest that was shown: when they began. */
  #oldest = Date.now();
  #newest = 0;

  constructor(line: CommandLine, terminal: Terminal) {
    this.#line = line;
    this.#terminal = terminal;
    this.#url = line.text("url")!.replace(/\/+$/, "");
    this.#headers = credentials(line, terminal);
    const isColoured = terminal.isTty && (terminal.environment["NO_COLOR"] ?? "") === "";
    const isJson = line.has("json");
    this.#print = (request) => terminal.out(`${isJson ? JSON.stringify(request) : logLine(request, isColoured)}\n`);
  }

  async run(): Promise<number> {
    try {
      if (!(await this.#findKey())) return EXIT.failed;
      if (!this.#line.has("follow")) {
        await this.#list();
        return EXIT.ok;
      }
    } catch (error) {
      return this.#refused(error);
    }
    for (;;) {
      try {
        await this.#follow();
      } catch (error) {
        if (!this.#isListed || (error instanceof StreamRefusedError && error.status < 500)) return this.#refused(error);
      }
      if (!this.#isTold) this.#terminal.err("drawbridge: the connection to the gateway is lost; it is tried again\n");
      this.#isTold = true;
      await new Promise((resolve) => setTimeout(resolve, this.#pause));
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    }
  }

  /** The log knows virtual keys by their ids. False: there is none of that name. */
  async #findKey(): Promise<boolean> {
    const name = this.#line.text("vk");
    if (name === undefined) return true;
    const search = new URLSearchParams({ search: name, limit: "100" });
    const { virtual_keys: keys } = (await this.#ask(`/api/governance/virtual-keys?${search}`)) as {
      virtual_keys: readonly { id: string; name: string }[];
    };
    const found = keys.find((key) => key.name === name) ?? keys.find((key) => key.id === name);
    this.#keyId = found?.id ?? name;
    if (found !== undefined || (await this.#isKeyId(name))) return true;
    this.#terminal.err(`drawbridge: there is no virtual key called "${name}" at this gateway\n`);
    return false;
  }

  async #isKeyId(id: string): Promise<boolean> {
    try {
      await this.#ask(`/api/governance/virtual-keys/${encodeURIComponent(id)}`);
      return true;
    } catch (error) {
      if (error instanceof StreamRefusedError && error.status === 404) return false;
      throw error;
    }
  }

  /** The newest rows, oldest first. */
  async #list(): Promise<void> {
    this.#isListed = true;
    const limit = Number(this.#line.text("lines"));
    if (limit === 0) return;
    const query = this.#filters();
    query.set("limit", String(limit));
    const page = (await this.#ask(`/api/logs?${query}`)) as { logs: readonly ShownRequest[]; warnings?: string[] };
    for (const warning of page.warnings ?? []) this.#terminal.err(`drawbridge: ${warning}\n`);
    for (const row of page.logs.toReversed()) this.#show(row);
    const oldest = page.logs.at(-1)?.timestamp;
    if (oldest !== undefined) this.#oldest = Date.parse(oldest);
  }

  /** Begins to listen before it reads the log, so that nothing falls between. */
  async #follow(): Promise<void> {
    const query = this.#filters();
    query.set("topics", "requests");
    if (this.#since !== null) query.set("since", this.#since);
    for await (const { id, type, data } of readStream(`${this.#url}/api/events?${query}`, this.#headers)) {
      if (this.#isTold) this.#terminal.err("drawbridge: connected again\n");
      this.#isTold = false;
      this.#pause = FIRST_PAUSE;
      if (!this.#isListed) await this.#list();
      if (type === "gap") await this.#fill();
      else this.#take(type, data);
      // behind what was shown: a gap that could not be filled is told once more
      if (id !== null) this.#since = id;
    }
  }

  /** Shows what ended while nobody told of it. The log has a row some moments after its end. */
  async #fill(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GAP.pause));
    const query = this.#filters();
    const from = this.#newest === 0 ? this.#oldest : Math.max(this.#oldest, this.#newest - GAP.back);
    query.set("start_time", new Date(from).toISOString());
    query.set("limit", String(GAP.rows));
    const { logs: rows } = (await this.#ask(`/api/logs?${query}`)) as { logs: readonly ShownRequest[] };
    for (const row of rows.toReversed()) this.#show(row);
    if (rows.length === GAP.rows)
      this.#terminal.err("drawbridge: more requests were missed than are shown; they are in the log\n");
  }

  #take(type: string, data: unknown): void {
    if (type === "request.finished") this.#show((data as { request: ShownRequest }).request);
    else if (type === "requests.summary") {
      const { requests, error } = (data as { summary: { requests: number; error: number } }).summary;
      this.#terminal.err(
        `drawbridge: ${requests} requests in a second, ${error} failed: too many to show each; they are in the log\n`,
      );
    }
  }

  #show(request: ShownRequest): void {
    if (this.#printed.has(request.id)) return;
    this.#printed.add(request.id);
    this.#newest = Math.max(this.#newest, Date.parse(request.timestamp));
    if (this.#printed.size > REMEMBERED) this.#printed.delete(this.#printed.values().next().value as string);
    this.#print(request);
  }

  #filters(): URLSearchParams {
    const query = new URLSearchParams();
    const [providers, models] = [this.#line.list("provider"), this.#line.list("model")];
    if (this.#line.has("errors")) query.set("status", "error");
    if (this.#keyId !== null) query.set("virtual_key_ids", this.#keyId);
    if (providers.length > 0) query.set("providers", providers.join(","));
    if (models.length > 0) query.set("models", models.join(","));
    return query;
  }

  async #ask(target: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}${target}`, {
      headers: this.#headers,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new StreamRefusedError(answer.status, text);
    return JSON.parse(text);
  }

  #refused(error: unknown): number {
    if (!(error instanceof StreamRefusedError)) {
      this.#terminal.err(
        `drawbridge: no gateway answers at ${this.#line.text("url")}. Start one with \`drawbridge\`, or name it with -url URL.\n`,
      );
      return EXIT.unreachable;
    }
    const remedy =
      error.status === 401
        ? ". Set DRAWBRIDGE_ADMIN_USER and DRAWBRIDGE_ADMIN_PASSWORD, or give the token of a session with -token"
        : "";
    this.#terminal.err(`drawbridge: ${messageOf(error)}${remedy}\n`);
    return EXIT.failed;
  }
}

function credentials(line: CommandLine, { environment }: Terminal): Readonly<Record<string, string>> {
  const token = line.text("token");
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  const [user, password] = [environment["DRAWBRIDGE_ADMIN_USER"] ?? "", environment["DRAWBRIDGE_ADMIN_PASSWORD"] ?? ""];
  if (user === "" && password === "") return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

/** The gateway's own words, where the answer is one of a gateway. */
function messageOf({ status, body }: StreamRefusedError): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown } };
    if (typeof error?.message === "string") return error.message;
  } catch {
    // it is none
  }
  return `the address answers with status ${status}, but not as a Drawbridge gateway does`;
}
