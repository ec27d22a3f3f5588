// Gathers the certificate authorities that upstream TLS trusts: Node's own, the environment's, and an origin's.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { Environment } from "./route.ts";

/** NODE_EXTRA_CA_CERTS is read by Node at its start, but not when a launcher sets it later: so it is read here too. */
const VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] as const;

/** TLS contexts by their additional authorities. Reading a few hundred roots takes some 30 ms, so contexts are shared. */
export class Trust {
  private readonly extra: readonly string[];
  private readonly contexts: Map<string, SecureContext>;

  /** Reads the files that the environment names, once. Throws an Error that names variable and path. */
  constructor(environment: Environment) {
    this.extra = VARIABLES.flatMap((name) => readCertificates(name, environment[name]));
    this.contexts = new Map();
  }

  /** The context that trusts `caPem` besides the defaults. Throws when the PEM cannot be read. */
  contextFor(caPem: string | undefined): SecureContext {
    const key = caPem ?? "";
    let context = this.contexts.get(key);
    if (context === undefined) {
      if (caPem && !holdsCertificate(caPem))
        throw new Error("the origin's ca_cert_pem holds no certificate in PEM form");
      const extra = caPem ? [...this.extra, caPem] : this.extra;
      context = createSecureContext(extra.length === 0 ? {} : { ca: [...getCACertificates("default"), ...extra] });
      this.contexts.set(key, context);
    }
    return context;
  }

  /** Drops the contexts that no pool uses any more. */
  keepOnly(used: ReadonlySet<string>): void {
    for (const key of this.contexts.keys()) if (key !== "" && !used.has(key)) this.contexts.delete(key);
  }
}

function readCertificates(name: string, path: string | undefined): string[] {
  if (!path) return [];
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unreadable";
    throw new Error(`${name} names ${path}, which cannot be read (${reason}); correct the path or unset the variable`, {
      cause: error,
    });
  }
  if (!holdsCertificate(text))
    throw new Error(
      `${name} names ${path}, which holds no certificate in PEM form; correct the path or unset the variable`,
    );
  return [text];
}

/** Node passes over what it cannot read, and then nothing is trusted without a word: so it is looked at here. */
function holdsCertificate(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^-]*-----END [A-Z0-9 ]*CERTIFICATE-----/g) ?? [];
  return blocks.some(isCertificate);
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).subject !== undefined;
  } catch {
    return false;
  }
}
