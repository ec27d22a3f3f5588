// The hashes under which the credentials of a request may be known: for a plane that has to ask a store for virtual keys.
import { hash } from "node:crypto";
import { CREDENTIAL_CARRIERS } from "../core/header-names.ts";
import type { HeaderView } from "../core/http.ts";
import { credentialIn } from "./credentials.ts";

/** Of every carrier, in both readings of a value beyond ASCII (see findKey). */
export function candidateHashes(headers: HeaderView): string[] {
  return CREDENTIAL_CARRIERS.flatMap((carrier) => valueHashes(credentialIn(headers, carrier) ?? ""));
}

/** The hashes of one value. */
export function valueHashes(value: string): string[] {
  if (value === "") return [];
  const own = hash("sha256", value, "base64");
  const other = hash("sha256", Buffer.from(value, "latin1"), "base64");
  return own === other ? [own] : [own, other];
}
