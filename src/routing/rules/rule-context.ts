// The variables of routing rules for one request, each worked out when an expression first reads it.
import { type LimitUse, type RequestFeatures, type RuleFacts } from "../../core/decision.ts";
import type { CustomerEntity, TeamEntity } from "../../core/entities.ts";
import { requestType } from "../../core/operations.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { complexityTier } from "./complexity.ts";
import type { RuleVariables } from "./expression.ts";

const NOTHING: Readonly<Record<string, never>> = Object.freeze(Object.create(null));
const NO_USE: LimitUse = { budget: 0, tokens: 0, requests: 0 };
const NO_FACTS: RuleFacts = { headers: () => NOTHING, params: () => NOTHING, text: () => "", use: () => NO_USE };

export class RuleContext implements RuleVariables {
  /** Without provider. */
  model: string;
  /** Empty = not chosen yet. */
  provider: string;
  readonly #features: RequestFeatures;
  readonly #snapshot: Snapshot;
  readonly #facts: RuleFacts;
  #use: LimitUse | null = null;
  #tier = "";
  readonly #team: TeamEntity | undefined;
  readonly #customer: CustomerEntity | undefined;

  constructor(features: RequestFeatures, snapshot: Snapshot, asked: { provider: string; model: string }) {
    this.#features = features;
    this.#snapshot = snapshot;
    this.#facts = features.ruleFacts ?? NO_FACTS;
    this.provider = asked.provider;
    this.model = asked.model;
    const { teamId, customerId } = features.virtualKey?.entity ?? {};
    this.#team = teamId ? snapshot.governance.findTeam(teamId) : undefined;
    const owner = customerId ?? this.#team?.customerId;
    this.#customer = owner ? snapshot.governance.findCustomer(owner) : undefined;
  }

  /** A rule has chosen: the next ones see that. */
  move(provider: string, model: string): void {
    this.provider = provider;
    this.model = model;
    this.#use = null;
  }

  get request_type(): string {
    return requestType(this.#features.operation, this.#features.stream);
  }
  get headers(): Readonly<Record<string, string>> {
    return this.#facts.headers();
  }
  get params(): Readonly<Record<string, unknown>> {
    return this.#facts.params();
  }
  get virtual_key_id(): string {
    return this.#features.virtualKey?.id ?? "";
  }
  get virtual_key_name(): string {
    return this.#features.virtualKey?.name ?? "";
  }
  get team_id(): string {
    return this.#team?.id ?? "";
  }
  get team_name(): string {
    return this.#team?.name ?? "";
  }
  get customer_id(): string {
    return this.#customer?.id ?? "";
  }
  get customer_name(): string {
    return this.#customer?.name ?? "";
  }
  /** There are no users of the gateway's own yet. */
  get user_id(): string {
    return "";
  }
  get budget_used(): number {
    return this.#used().budget;
  }
  get tokens_used(): number {
    return this.#used().tokens;
  }
  get request(): number {
    return this.#used().requests;
  }
  get complexity_tier(): string {
    return (this.#tier ||= complexityTier(this.#facts.text(), this.#snapshot.complexity));
  }

  #used(): LimitUse {
    return (this.#use ??= this.#facts.use(this.provider, this.model));
  }
}
