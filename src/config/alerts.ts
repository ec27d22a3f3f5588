// Checks governance.alerts: an address that can be called, and a secret that is there.
import { type Reading, resolve, unresolved } from "./reading.ts";
import type { GovernanceConfig } from "./schema/governance.ts";

const PATH = "governance.alerts";

export function checkAlerts(reading: Reading, governance: GovernanceConfig | undefined): void {
  const alerts = governance?.alerts;
  if (alerts === undefined) return;
  const url = resolvedOrWarn(reading, alerts, "webhook_url", "nobody is told of budgets");
  resolvedOrWarn(reading, alerts, "webhook_secret", "notices of budgets are not signed");
  if (url === "" || isCallable(url)) return;
  reading.document.refuse(
    reading.document.at(alerts, "webhook_url"),
    "wrong-value",
    `${PATH}.webhook_url is not an address that can be called`,
    { expected: "an address such as https://host/path, without user name and password" },
  );
}

/** Empty where there is none. */
function resolvedOrWarn(
  { document, environment }: Reading,
  alerts: NonNullable<GovernanceConfig["alerts"]>,
  member: "webhook_url" | "webhook_secret",
  consequence: string,
): string {
  const written = alerts[member];
  if (written === undefined) return "";
  const resolved = resolve(written, environment);
  if (resolved.type === "text") return resolved.text;
  const { code, problem, remedy } = unresolved(resolved);
  document.warn(document.at(alerts, member), code, `${PATH}.${member}: ${problem}, so ${consequence}`, { remedy });
  return "";
}

function isCallable(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}
