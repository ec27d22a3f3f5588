// Makes of a planned target what it would reserve: its levels, its estimate, its bound; or why it is passed over.
import type { UnpricedModels } from "../core/entities.ts";
import { mostMediaTokens } from "../core/media.ts";
import type { RequestSize, TargetPrice } from "../core/request-size.ts";
import type { PassedOver, TargetAsk } from "./admission-ask.ts";
import type { Estimate } from "./estimator.ts";
import type { TargetLevels } from "./levels.ts";

/** What admission must know of a request and one of its targets. */
export interface Prospect {
  readonly provider: string;
  /** As the provider is asked for it. */
  readonly model: string;
  readonly levels: TargetLevels;
  readonly size: RequestSize;
  readonly price: TargetPrice;
  /** Of the model, in tokens; null = not known. */
  readonly maxOutputTokens: number | null;
  /** Calls of the provider's own tools that the request allows at most; null = it allows any number. */
  readonly toolCalls: number | null;
  readonly unpriced: UnpricedModels;
  /** `x-bf-max-cost` in nano-dollars; null = not given. */
  readonly maxCost: number | null;
}

export function askOf(prospect: Prospect, estimate: Estimate): TargetAsk {
  const { levels } = prospect;
  const bound = levels.hasHard ? boundOf(prospect) : 0;
  const passed = passedOver(prospect, estimate.cost, bound);
  return {
    levels,
    cost: estimate.cost ?? 0,
    bound: typeof bound === "number" ? bound : 0,
    tokens: estimate.inputTokens + estimate.outputTokens,
    unpriced: estimate.cost === null,
    passed,
  };
}

function passedOver(prospect: Prospect, cost: number | null, bound: number | PassedOver): PassedOver | null {
  const { unpriced, maxCost, provider, model } = prospect;
  if (cost === null && unpriced === "deny") return noPrice(prospect, "models without a price are not allowed here");
  if (maxCost !== null && cost !== null && cost > maxCost)
    return {
      reason: "max-cost",
      text: `${provider}/${model} is estimated at ${dollars(cost)} dollars, more than the ${dollars(maxCost)} of x-bf-max-cost`,
      param: "x-bf-max-cost",
    };
  return typeof bound === "number" ? null : bound;
}

/** Nano-dollars that it can cost at most; or what is missing to tell. */
function boundOf(prospect: Prospect): number | PassedOver {
  const { provider, model, size, price, maxOutputTokens, toolCalls } = prospect;
  const output = size.maxTokens ?? maxOutputTokens;
  if (output === null)
    return {
      reason: "no-bound",
      text: `${provider}/${model} has no known longest answer, and a hard budget needs one: set max_tokens`,
      param: "max_tokens",
    };
  if (toolCalls === null)
    return {
      reason: "no-bound",
      text: `the tools of ${provider} may be called any number of times, and a hard budget needs a most: set max_tool_calls`,
      param: "max_tool_calls",
    };
  // a byte is a token at the most
  const input = size.textBytes + mostMediaTokens(size.media);
  const cost = price.bound(input * size.n, output * size.n, toolCalls * size.n);
  return cost === null ? noPrice(prospect, "a hard budget needs one") : Math.ceil(cost);
}

function noPrice({ provider, model }: Prospect, why: string): PassedOver {
  return {
    reason: "unpriced",
    text: `${provider}/${model} has no price, and ${why}: set one in governance.pricing_overrides`,
    param: "model",
  };
}

const NANO = 1e9;

/** As people write small amounts: at most six decimals. */
function dollars(nano: number): string {
  return (nano / NANO).toFixed(6).replace(/\.?0+$/, "");
}
