// Says whether a content type is JSON.

/** True for application/json and application/*+json, whatever the parameters. */
export function isJson(contentType: string): boolean {
  if (contentType === "application/json") return true;
  const semicolon = contentType.indexOf(";");
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  return type === "application/json" || (type.startsWith("application/") && type.endsWith("+json"));
}
