// Takes secrets out of text and bytes that came from outside.

const MASK = "[masked]";
/** A shorter text is no secret: it would be found in everything. */
const SHORTEST = 4;

/** A secret as others may write it: as it is, within JSON text (where some escape the slash too), and within an address. */
function spellings(secret: string): string[] {
  if (secret.length < SHORTEST) return [];
  const json = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, json, json.replaceAll("/", "\\/"), addressOf(secret)])];
}

function addressOf(secret: string): string {
  return secret.isWellFormed() ? encodeURIComponent(secret) : secret;
}

/** `text` without any of the secrets. */
export function maskText(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets)
    for (const spelling of spellings(secret)) if (masked.includes(spelling)) masked = masked.replaceAll(spelling, MASK);
  return masked;
}

/** The same for bytes; they come back as they are where nothing was found. */
export function maskBytes(bytes: Buffer, secrets: readonly string[]): Buffer {
  const found = secrets.filter((secret) => spellings(secret).some((spelling) => bytes.includes(spelling)));
  return found.length === 0 ? bytes : Buffer.from(maskText(bytes.toString("utf8"), found));
}
