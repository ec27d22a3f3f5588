// The loop's side of the login: inference that a login closed is let through by virtual key or proven login, without hashing here.
import { createHmac, randomBytes } from "node:crypto";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import {
  type Caller,
  type CallerFacts,
  callerOf,
  credentialRequired,
  type LoginCredentials,
  type LoginState,
  loginCredentials,
  managementRefusal,
  type Proof,
  slowedDown,
} from "../core/login.ts";
import { identifyCaller } from "./identify.ts";

export interface ProofParts {
  /** Asks the control plane; the answer comes to `receive`. False = it is not there. */
  readonly ask: (id: number, credentials: LoginCredentials, address: string) => boolean;
  /** Takes an exchange on its way; `refused` is set when it may go no further. */
  readonly run: (exchange: Exchange, refused: GatewayError | null) => void;
  /** `whitelisted_routes` of the snapshot in force. */
  readonly openRoutes: () => readonly string[];
  readonly now: () => number;
}

type ManagementCall = CallerFacts & { readonly peer: { readonly address: string } };

interface Asked {
  readonly resolve: (proof: Proof) => void;
  readonly reject: (error: GatewayError) => void;
  /** Where the answer is kept; null once the login was changed meanwhile. */
  key: string | null;
  readonly timer: NodeJS.Timeout;
}

const MOST_KEPT = 1000;
const MOST_ASKED = 256;
/** ms until an answer must have come. */
const PATIENCE = 10_000;

/** One for the loop. */
export class LoginProofs {
  readonly #parts: ProofParts;
  readonly #secret = randomBytes(32);
  /** Credentials that were proven from an address, until when (Unix ms); oldest first. */
  readonly #kept = new Map<string, number>();
  readonly #asked = new Map<number, Asked>();
  #state: LoginState = { mode: "login", closesInference: true };
  #lastId = 0;

  constructor(parts: ProofParts) {
    this.#parts = parts;
  }

  /** Closed until the control plane has said how it is. */
  get state(): LoginState {
    return this.#state;
  }

  change(state: LoginState): void {
    this.#state = state;
    this.#kept.clear();
    for (const asked of this.#asked.values()) asked.key = null;
  }

  receive(id: number, proof: Proof): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    if (proof.proven && asked.key !== null && proof.until > this.#parts.now()) this.#keep(asked.key, proof.until);
    asked.resolve(proof);
  }

  /** The control plane is gone: whoever waits for it is told so. */
  lost(): void {
    for (const asked of this.#asked.values()) {
      clearTimeout(asked.timer);
      asked.reject(unavailable());
    }
    this.#asked.clear();
  }

  /** Lets an exchange run at once, or when its login is proven. `refused`: what it is refused with already. */
  admit(exchange: Exchange, refused: GatewayError | null): void {
    const { run } = this.#parts;
    if (refused !== null || !this.#state.closesInference || !this.#lacksKey(exchange)) return run(exchange, refused);
    const { headers, peer } = exchange.request;
    const credentials = loginCredentials(headers);
    if (credentials === null) return run(exchange, credentialRequired());
    this.#prove(credentials, peer.address).then(
      (proof) => run(exchange, refusalOf(proof)),
      (error: unknown) => run(exchange, toGatewayError(error)),
    );
  }

  /** False also when the key is refused: that is told in its phase. */
  #lacksKey(exchange: Exchange): boolean {
    try {
      return identifyCaller(exchange.request.headers, exchange.snapshot, this.#parts.now()) === null;
    } catch {
      return false;
    }
  }

  /** Who makes a management request that another plane than the control plane answers. Rejects with GatewayError. */
  async caller(request: ManagementCall): Promise<Caller> {
    return await callerOf(request, this.#state.mode, this.#parts.openRoutes(), async (credentials) => {
      const proof = await this.#prove(credentials, request.peer.address);
      if (!proof.proven && proof.retryAfter > 0) throw slowedDown(proof.retryAfter);
      return proof.proven;
    });
  }

  /** What keeps `request` from being made as the operator; null = nothing does. Never rejects. */
  async operatorRefusal(request: ManagementCall): Promise<GatewayError | null> {
    try {
      return managementRefusal(await this.caller(request));
    } catch (error) {
      return toGatewayError(error);
    }
  }

  async #prove(credentials: LoginCredentials, address: string): Promise<Proof> {
    const key = createHmac("sha256", this.#secret)
      .update(JSON.stringify([address, credentials]))
      .digest("base64");
    const until = this.#kept.get(key) ?? 0;
    if (until > this.#parts.now()) return { proven: true, until, retryAfter: 0 };
    if (this.#asked.size >= MOST_ASKED) throw unavailable();
    const { promise, resolve, reject } = Promise.withResolvers<Proof>();
    const id = ++this.#lastId;
    const timer = setTimeout(() => {
      if (this.#asked.delete(id)) reject(unavailable());
    }, PATIENCE);
    timer.unref();
    this.#asked.set(id, { resolve, reject, key, timer });
    if (!this.#parts.ask(id, credentials, address)) {
      this.#asked.delete(id);
      clearTimeout(timer);
      throw unavailable();
    }
    return await promise;
  }

  #keep(key: string, until: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, until);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value as string);
  }
}

/** null: go on. */
function refusalOf(proof: Proof): GatewayError | null {
  if (proof.proven) return null;
  return proof.retryAfter > 0 ? slowedDown(proof.retryAfter) : credentialRequired();
}

function unavailable(): GatewayError {
  return new GatewayError(
    "control_plane_unavailable",
    "the login cannot be checked at the moment; calls with a virtual key are not affected. Try again in a second",
    { retryAfter: 1 },
  );
}
