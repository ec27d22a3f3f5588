// Takes secrets out of text and bytes that came from outside.

const MASK = "[masked]";

/** `text` without any of the secrets; those shorter than four characters are no secrets. */
export function maskText(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets)
    if (secret.length >= 4 && masked.includes(secret)) masked = masked.replaceAll(secret, MASK);
  return masked;
}

/** The same for bytes; they come back as they are where nothing was found. */
export function maskBytes(bytes: Buffer, secrets: readonly string[]): Buffer {
  const found = secrets.filter((secret) => secret.length >= 4 && bytes.includes(secret));
  return found.length === 0 ? bytes : Buffer.from(maskText(bytes.toString("utf8"), found));
}
