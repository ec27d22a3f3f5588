// Blots out of a text what looks like a secret or like personal data; in linear time, whatever the text is.

/** Hexadecimal from this length on is taken for a secret, other random-looking text from the second. */
const LONG_HEX = 32;
const LONG_RANDOM = 32;
/** Base64 with slashes looks like a path: it must be longer. */
const LONG_BASE64 = 40;

const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]{0,30}KEY[A-Z0-9 ]{0,20}-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,30}KEY[A-Z0-9 ]{0,20}-----|$)/g;
const CREDENTIAL = /\b(bearer|basic)(\s{1,4})[A-Za-z0-9._~+/=-]{8,}/gi;
const ASSIGNED =
  /((?:api[_-]?key|access[_-]?key|secret|passw(?:or)?d|passwd|pwd|token)["']?\s{0,3}[:=]\s{0,3}["']?)[^\s"',;]{6,}/gi;
/** A whole run of such characters is looked at once: nothing inside it is tried again. */
const TOKEN = /[A-Za-z0-9_.+/=-]{16,}/g;
/** How the keys of providers and services begin. */
const PREFIXED =
  /(?:(?:sk|pk|rk|tk|gh[pousr]|hf|gsk|npm|r8|fw|csk|glpat|nvapi|pplx|xox[abeprs]|shpat|dop_v1|github_pat)[-_]|AIza|ya29\.|SG\.)[A-Za-z0-9_.-]{12,}/;
/** Amazon's may have letters only. */
const ACCESS_KEY_ID = /(?:AKIA|ASIA)[A-Z0-9]{16}/;
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]{1,253}\.\p{L}{2,24}/gu;
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g;
const NUMBER_RUN = /(?<![\w-])[+(]?\d[\d ().\-/]{5,}\d(?!\w)/g;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)/g;
const COLON_RUN = /(?<![\w:])[0-9a-fA-F:]{2,39}(?:\.\d{1,3}){0,3}(?![\w:])/g;

/**
 * The text with e-mail addresses, telephone and card numbers, IBANs, IP addresses, keys, tokens and long random text replaced by
 * `[email]`, `[phone]`, `[card]`, `[iban]`, `[ip]` and `[secret]`. Of a text that was cut off the last word goes too where it
 * may be the beginning of such a thing. It errs on the side of blotting.
 */
export function redactText(text: string, isCut = false): string {
  const whole = isCut ? withoutLastWord(text) : text;
  return whole
    .replace(PRIVATE_KEY, "[secret]")
    .replace(CREDENTIAL, "$1$2[secret]")
    .replace(ASSIGNED, "$1[secret]")
    .replace(EMAIL, "[email]")
    .replace(TOKEN, blotToken)
    .replace(IBAN, (run) => (isIban(run) ? "[iban]" : run))
    .replace(IPV4, (run) => (run.split(".").every((part) => Number(part) < 256) ? "[ip]" : run))
    .replace(COLON_RUN, (run) => (isIpv6(run) ? "[ip]" : run))
    .replace(NUMBER_RUN, blotNumber);
}

/** A sentence's end is no part of the token. */
function blotToken(token: string): string {
  let end = token.length;
  while (end > 0 && token[end - 1] === ".") end--;
  return isSecret(token.slice(0, end)) ? `[secret]${token.slice(end)}` : token;
}

function isSecret(token: string): boolean {
  const prefixed = PREFIXED.exec(token);
  if (prefixed !== null && isRandom(prefixed[0])) return true;
  if (ACCESS_KEY_ID.test(token)) return true;
  // a JSON Web Token begins with the base64 of `{"`
  if (token.includes("eyJ") && token.includes(".", token.indexOf("eyJ") + 8)) return true;
  if (token.split(/[^A-Fa-f0-9]/).some((part) => part.length >= LONG_HEX)) return true;
  if (token.split(/[^A-Za-z0-9_-]/).some((part) => part.length >= LONG_RANDOM && isRandom(part))) return !isUuid(token);
  return token.length >= LONG_BASE64 && isRandom(token) && countOf(token, "/") * 12 <= token.length;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id, not a secret. */
function isUuid(token: string): boolean {
  return token.length === 36 && UUID.test(token);
}

/** Digits among letters, or letters of both cases mixed with digits: no words. */
function isRandom(text: string): boolean {
  let digits = 0;
  let upper = 0;
  let lower = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code < 58) digits++;
    else if (code >= 65 && code < 91) upper++;
    else if (code >= 97 && code < 123) lower++;
  }
  return digits >= 2 ? upper + lower > 0 : digits === 1 && upper >= 2 && lower >= 2;
}

function countOf(text: string, character: string): number {
  let count = 0;
  for (const one of text) if (one === character) count++;
  return count;
}

/** By ISO 13616: letters as numbers, the first four characters at the end, remainder 1 modulo 97. */
function isIban(run: string): boolean {
  const plain = run.replaceAll(" ", "");
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const character of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

function isIpv6(run: string): boolean {
  const [before = "", after, more] = run.split("::");
  if (more !== undefined) return false;
  const groups = [...before.split(":"), ...(after ?? "").split(":")].filter((group) => group !== "");
  if (!groups.every((group) => group.length <= 4 || group.includes("."))) return false;
  const isWide = run.includes(".") ? groups.length + 1 : groups.length;
  return after === undefined ? isWide === 8 : groups.length > 0 && isWide < 8;
}

function blotNumber(run: string): string {
  const digits = run.replace(/\D/g, "");
  if (digits.length >= 13 && digits.length <= 19 && isLuhn(digits)) return "[card]";
  return isPhone(run, digits) ? "[phone]" : run;
}

const AMERICAN = /^(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}$/;

/** With the sign of a country, with the zero of a trunk, or grouped as in North America; other numbers may be anything. */
function isPhone(run: string, digits: string): boolean {
  if (digits.length < 7 || digits.length > 15) return false;
  if (run.startsWith("+") || run.startsWith("(+") || AMERICAN.test(run)) return true;
  return /^\(?0/.test(run) && !run.includes(".") && digits.length >= 9;
}

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const WORD = /[A-Za-z0-9@_.+/=:()-]/;

/** Numbers are written with blanks between their groups: those belong to the word. */
function withoutLastWord(text: string): string {
  let from = text.length;
  while (from > 0 && WORD.test(text[from - 1] as string)) from--;
  while (from > 1 && /[ \d]/.test(text[from - 1] as string) && /[ \d]/.test(text[from - 2] as string)) from--;
  const word = text.slice(from);
  return /[\d@]/.test(word) || word.length >= 12 ? `${text.slice(0, from)}[cut]` : text;
}
