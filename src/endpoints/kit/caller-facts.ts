// Who a request is for: user, app, session and tags, from its headers and from what its body says of its user.
import type { Exchange } from "../../core/exchange.ts";
import { GATEWAY_HEADERS, GATEWAY_PREFIX } from "../../core/header-names.ts";
import { RECORD_LIMITS } from "../../core/record.ts";

const DIMENSION = "x-bf-dim-";
const SESSION = "x-bf-session-id";
/** The same few programs call again and again. */
const MAX_KNOWN_APPS = 1000;
const apps = new Map<string, string | null>();

/** Fills user, app, session and tags from the headers. Refuses nothing: what is too long is cut, what is empty left out. */
export function readCallerFacts(exchange: Exchange): void {
  const { headers } = exchange.request;
  const { loggingHeaders } = exchange.snapshot.settings;
  if (headers.hasPrefix(GATEWAY_PREFIX)) readOwnHeaders(exchange);
  if (loggingHeaders !== undefined && loggingHeaders.length > 0) readNamedHeaders(exchange, loggingHeaders);
  if (exchange.app === null && exchange.options.userAgent !== null) exchange.app = appOf(exchange.options.userAgent);
}

function readOwnHeaders(exchange: Exchange): void {
  const { headers } = exchange.request;
  const session = headers.get(SESSION);
  if (session !== undefined) exchange.sessionId = cleanText(session);
  if (!headers.hasPrefix(DIMENSION)) return;
  for (const [name, value] of headers.entries()) {
    if (!name.startsWith(DIMENSION)) continue;
    const dimension = name.slice(DIMENSION.length, DIMENSION.length + RECORD_LIMITS.tagName);
    const text = cleanText(value);
    if (dimension === "" || text === null) continue;
    if (dimension === "user") exchange.userId ??= text;
    else if (dimension === "app") exchange.app ??= text;
    else addTag(exchange, dimension, text);
  }
}

/** What carries a credential is no tag, whoever names it. */
function readNamedHeaders(exchange: Exchange, names: readonly string[]): void {
  for (const name of names) {
    const value = GATEWAY_HEADERS.has(name) ? undefined : exchange.request.headers.get(name);
    const text = value === undefined ? null : cleanText(value);
    if (text !== null) addTag(exchange, name.slice(0, RECORD_LIMITS.tagName), text);
  }
}

/** The first one of a name counts. */
function addTag(exchange: Exchange, name: string, value: string): void {
  const { tags } = exchange;
  if (tags.length >= RECORD_LIMITS.tags || tags.some(([known]) => known === name)) return;
  exchange.tags = [...tags, [name, value]];
}

/** A header's value as text: what was sent as UTF-8 is read as such. Null: nothing is left of it. */
function cleanText(value: string): string | null {
  return tidy(/[\x80-\xff]/.test(value) ? utf8(value) : value);
}

function utf8(value: string): string {
  const text = Buffer.from(value, "latin1").toString("utf8");
  return text.includes("\ufffd") ? value : text;
}

/** Without control characters and within the bound; null: nothing is left. */
export function tidy(value: string): string | null {
  const text = value
    .slice(0, RECORD_LIMITS.tagValue)
    .replace(/\p{Cc}/gu, "")
    .trim();
  return text === "" ? null : text.toWellFormed();
}

function appOf(userAgent: string): string | null {
  const known = apps.get(userAgent);
  if (known !== undefined) return known;
  if (apps.size >= MAX_KNOWN_APPS) apps.clear();
  const app = appName(userAgent);
  apps.set(userAgent, app);
  return app;
}

const PRODUCT = /^([a-z0-9][a-z0-9_.-]{0,63})(?:\/([a-z]+))?/;

/** The first product of a user agent; where no version follows but a language (`OpenAI/Python 1.9`), both: `openai-python`. */
export function appName(userAgent: string): string | null {
  const product = PRODUCT.exec(userAgent.toLowerCase());
  if (product === null) return null;
  const [, name = "", language] = product;
  return language === undefined || /^v\d/.test(userAgent.slice(name.length + 1)) ? name : `${name}-${language}`;
}
