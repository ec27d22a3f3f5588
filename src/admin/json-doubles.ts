// Refuses a body in which a member is given twice, which is nested without end, or in which a number is none.
import { visit } from "jsonc-parser";
import { GatewayError } from "../core/errors.ts";

/** Deeper than any configuration; what walks a body afterwards may do so by recursion. */
const DEEPEST = 64;

/**
 * JSON.parse takes the last of two equal names without a word: of two secrets the wrong one might be kept. And it makes
 * infinity of a number that is too large, which is written as null: a limit would be none. Throws GatewayError with the
 * place. `text` is valid JSON.
 */
export function refuseDoubles(text: string): void {
  const names: Set<string>[] = [];
  let depth = 0;
  let last = "";
  const enter = (line: number): void => {
    depth++;
    if (depth > DEEPEST)
      throw new GatewayError(
        "invalid_json",
        `the body is nested too deeply: line ${line + 1}, at most ${DEEPEST} levels`,
      );
  };
  visit(text, {
    onObjectBegin(_offset, _length, line) {
      enter(line);
      names.push(new Set());
    },
    onObjectEnd() {
      depth--;
      names.pop();
    },
    onArrayBegin(_offset, _length, line) {
      enter(line);
    },
    onArrayEnd() {
      depth--;
    },
    onObjectProperty(name, _offset, _length, line, column) {
      const seen = names.at(-1);
      if (seen?.has(name) === true)
        throw new GatewayError(
          "duplicate_field",
          `'${name.slice(0, 100)}' is given twice: line ${line + 1}, column ${column + 1}. Keep one of them`,
          { param: name.slice(0, 100) },
        );
      seen?.add(name);
      last = name.slice(0, 100);
    },
    onLiteralValue(value: unknown, _offset, _length, line, column) {
      if (typeof value === "number" && !Number.isFinite(value))
        throw new GatewayError(
          "invalid_request",
          `a number is too large: line ${line + 1}, column ${column + 1}`,
          last === "" ? {} : { param: last },
        );
    },
  });
}
