// Reads the name of a model and refuses what no name can be.
import { GatewayError } from "../../core/errors.ts";
import { hasControl } from "./text-value.ts";

/** Longest model name, bytes of UTF-8. */
const LONGEST = 512;

/** What is wrong with a name, as the end of a sentence; null = nothing. */
export function nameFault(name: string): string | null {
  if (name.trim() === "") return "must not be empty";
  // A UTF-16 unit takes at most three bytes: only long names are counted out.
  if (name.length * 3 > LONGEST && Buffer.byteLength(name) > LONGEST) return `must not be longer than ${LONGEST} bytes`;
  if (hasControl(name)) return "must not hold control characters";
  return null;
}

/** The model as it stands. Throws GatewayError. */
export function checkModel(name: string): string {
  const fault = nameFault(name);
  if (fault === null) return name;
  throw new GatewayError("invalid_request", `model ${fault}`, { param: "model" });
}
