// The overrides that name one model of one provider, by the virtual key that they are for, so that many cost a request nothing.
import type { PriceTarget } from "../../core/price.ts";
import { type CompiledOverride, chooseOverride, fitsModel } from "./overrides.ts";

const NONE: readonly CompiledOverride[] = [];

/** Never empty. */
export class FittingOverrides {
  /** Virtual key → its overrides: all of them go before those for everybody. */
  readonly #ofKeys = new Map<string, CompiledOverride[]>();
  readonly #ofAll: CompiledOverride[] = [];

  /** Null: no override is for this model. `ordered`: from compileOverrides. */
  static of(ordered: readonly CompiledOverride[], provider: string, model: string): FittingOverrides | null {
    const fitting = ordered.filter(
      (override) => fitsModel(override, model) && (override.providerId === null || override.providerId === provider),
    );
    return fitting.length === 0 ? null : new FittingOverrides(fitting);
  }

  private constructor(fitting: readonly CompiledOverride[]) {
    for (const override of fitting) {
      if (override.virtualKeyId === null || !override.scope.startsWith("virtual_key")) this.#ofAll.push(override);
      else {
        const others = this.#ofKeys.get(override.virtualKeyId);
        if (others === undefined) this.#ofKeys.set(override.virtualKeyId, [override]);
        else others.push(override);
      }
    }
  }

  /** The override that holds for a request; null: none. */
  choose(target: PriceTarget): CompiledOverride | null {
    const own = target.virtualKeyId === null ? NONE : (this.#ofKeys.get(target.virtualKeyId) ?? NONE);
    return chooseOverride(own, target) ?? chooseOverride(this.#ofAll, target);
  }
}
