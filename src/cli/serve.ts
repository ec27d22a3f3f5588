// `drawbridge serve`: starts the gateway, tells what runs, and stops it in order.
import { randomBytes } from "node:crypto";
import type { Gateway, GatewayOptions } from "../app.ts";
import type { LogLevel } from "../core/plane-messages.ts";
import { startControlPlane } from "../planes.ts";
import { openAppDir } from "./app-dir.ts";
import { type CommandLine, type Flag, readFlags, refuseWords } from "./flags.ts";
import { onStopSignal } from "./launched.ts";
import { startLine, startText } from "./start-text.ts";
import { EXIT, EXIT_SIGNAL, type StopSignal, type Terminal } from "./terminal.ts";
import { packageVersion } from "./version.ts";

const LEVELS = ["debug", "info", "warn", "error"];
const STYLES = ["json", "pretty"];

const oneOf = (values: readonly string[]) => (value: string) =>
  values.includes(value) ? null : `"${value}" is none of ${values.join(", ")}`;

export const SERVE_FLAGS: readonly Flag[] = [
  {
    name: "host",
    type: "text",
    value: "HOST",
    help: "name or address to listen on",
    default: "localhost",
    environment: ["DRAWBRIDGE_HOST", "BIFROST_HOST", "APP_HOST"],
  },
  {
    name: "port",
    type: "text",
    value: "PORT",
    help: "port to listen on; 0 = any free one",
    default: "8080",
    environment: ["DRAWBRIDGE_PORT", "APP_PORT"],
    check: checkPort,
  },
  {
    name: "app-dir",
    type: "text",
    value: "DIR",
    help: "directory of config.json and the stores",
    environment: ["DRAWBRIDGE_APP_DIR", "APP_DIR"],
  },
  {
    name: "config",
    type: "text",
    value: "FILE",
    help: "configuration, when it is not config.json in the app dir",
    environment: ["DRAWBRIDGE_CONFIG"],
  },
  {
    name: "log-level",
    type: "text",
    value: "LEVEL",
    help: LEVELS.join(", "),
    default: "info",
    environment: ["DRAWBRIDGE_LOG_LEVEL", "LOG_LEVEL"],
    check: oneOf(LEVELS),
  },
  {
    name: "log-style",
    type: "text",
    value: "STYLE",
    help: STYLES.join(" or "),
    default: "json",
    environment: ["DRAWBRIDGE_LOG_STYLE", "LOG_STYLE"],
    check: oneOf(STYLES),
  },
  {
    name: "drain-timeout",
    type: "text",
    value: "SECONDS",
    help: "requests under way get so long to finish at the end",
    default: "30",
    environment: ["DRAWBRIDGE_DRAIN_TIMEOUT"],
    check: checkSeconds,
  },
  {
    name: "max-connections",
    type: "text",
    value: "N",
    help: "clients' connections at once, more are closed at once; not given: 80 % of the file descriptors",
    environment: ["DRAWBRIDGE_MAX_CONNECTIONS"],
    check: checkCount,
  },
  { name: "no-ui", type: "switch", help: "serve no web interface: only the API and a plain page at /" },
];

function checkPort(value: string): string | null {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? null : `"${value}" is no port; ports go from 0 to 65535`;
}

function checkSeconds(value: string): string | null {
  const isFine = /^\d+(\.\d+)?$/.test(value) && Number(value) <= 86_400;
  return isFine ? null : `"${value}" is no number of seconds from 0 to 86400`;
}

function checkCount(value: string): string | null {
  return /^[1-9]\d{0,6}$/.test(value) ? null : `"${value}" is no whole number from 1 to 9999999`;
}

/** Runs until a signal ends it; the exit code. */
export async function serve(args: readonly string[], terminal: Terminal): Promise<number> {
  const line = readFlags(args, SERVE_FLAGS, terminal.environment);
  refuseWords(line.words, 0, "drawbridge serve takes flags only");
  const stopped = awaitStop(terminal);
  let options: GatewayOptions;
  try {
    options = gatewayOptions(line, terminal);
  } catch (error) {
    terminal.err(`drawbridge: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.failed;
  }
  // it reads the configuration while this thread reads the code of the data plane
  const control = startControlPlane(options);
  const { startGateway } = await import("../app.ts");
  const starting = startGateway(options, control);
  let gateway: Gateway | null;
  try {
    gateway = await Promise.race([starting, stopped.then(() => null)]);
  } catch (error) {
    return tellRefusal(error, options, terminal);
  }
  if (gateway === null) {
    // nobody was served yet: a long import is not waited for, and what it wrote so far is as whole as after a crash
    control.close();
    starting.then((late) => late.stop()).catch(() => {});
    return EXIT.ok;
  }
  tellStart(gateway, options, terminal);
  await stopped;
  await gateway.stop();
  return EXIT.ok;
}

function gatewayOptions(line: CommandLine, terminal: Terminal): GatewayOptions {
  return {
    host: line.text("host") ?? "localhost",
    port: Number(line.text("port")),
    appDir: openAppDir(line.text("app-dir"), terminal.environment, terminal.cwd),
    configPath: line.text("config") ?? null,
    logLevel: line.text("log-level") as LogLevel,
    logStyle: line.text("log-style") as "json" | "pretty",
    version: packageVersion(),
    environment: terminal.environment,
    maxConnections: Number(line.text("max-connections") ?? 0) || null,
    drainLimit: Number(line.text("drain-timeout")) * 1000,
    ui: !line.has("no-ui"),
    setupToken: randomBytes(24).toString("base64url"),
  };
}

/** Resolves at the first signal; the second one ends the process at once. */
function awaitStop(terminal: Terminal): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let isStopping = false;
  onStopSignal((signal) => {
    if (isStopping) process.exit(EXIT_SIGNAL[signal]);
    isStopping = true;
    if (terminal.isTty) terminal.err("\nStopping: requests under way are finished first. Once more ends at once.\n");
    resolve(signal);
  });
  return promise;
}

function tellStart(gateway: Gateway, options: GatewayOptions, terminal: Terminal): void {
  const { appDir, version } = options;
  const { addresses, port, needsKey } = gateway;
  const facts = {
    ...gateway.facts,
    addresses,
    port,
    needsKey,
    version,
    appDir,
    ...(options.ui === undefined ? {} : { hasUi: options.ui }),
  };
  const isForPeople = options.logStyle === "pretty" || terminal.isTty;
  terminal.out(isForPeople ? startText(facts) : startLine(facts, Date.now()));
}

/** Errors are told by their name: their classes live in rooms that this one does not know. */
function tellRefusal(error: unknown, options: GatewayOptions, terminal: Terminal): number {
  if (!(error instanceof Error)) throw error;
  if (error.name === "StartRefusedError" && "text" in error) {
    terminal.err(`${String(error.text).trimEnd()}\n`);
    return EXIT.failed;
  }
  if (error.name === "ListenError" && "code" in error) {
    terminal.err(`drawbridge: ${portProblem(String(error.code), options)}\n`);
    return EXIT.port;
  }
  terminal.err(`drawbridge: the gateway did not start: ${error.message}\n`);
  return EXIT.failed;
}

function portProblem(code: string, { host, port }: GatewayOptions): string {
  const other = "drawbridge -port 8081";
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} is taken by another program (which one is unknown: ask \`lsof -i :${port}\`).\nChoose another port: ${other}`;
    case "EACCES":
      return `port ${port} may not be opened by this user. Choose one from 1024 up: ${other}`;
    case "EADDRNOTAVAIL":
      return `${host} is no address of this machine. Choose another: drawbridge -host localhost`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the name ${host} is not known. Choose another: drawbridge -host localhost`;
    default:
      return `cannot listen on ${host}, port ${port} (${code}). Choose another port: ${other}`;
  }
}
