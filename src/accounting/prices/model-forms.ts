// The other spellings under which a model's price may stand: without region, vendor path, version suffix or date.

const BEDROCK_REGION = /^(us|eu|apac|jp|au|ca|sa|us-gov|global)\.(?=[a-z0-9-]+\.)/;
/** Marketplace and resource paths before a model's own name. */
const PATHS: readonly RegExp[] = [
  /^arn:[^/]*\/(?:[^/]+\/)*/,
  /^projects\/[^/]+\/locations\/[^/]+\//,
  /^publishers\/[^/]+\/models\//,
  /^models\//,
  /^accounts\/fireworks\/(models|routers)\//,
];
/** OpenRouter's way of choosing among hosts: the model stays what it is. `:free` does not. */
const ROUTE_SUFFIX = /:(nitro|floor|online|exacto|extended)$/;
/** Who trained it and what it was called stay out of `ft:gpt-4o-2024-08-06:org:name:id`. */
const FINE_TUNED = /^(ft:[^:]+):.*$/;
const THROUGHPUT = /(:\d+)(:\d+k|:mm)$/;
const VERTEX_VERSION = /@(default|latest|\d{8})$/;
const DATE = /-(\d{4}-\d{2}-\d{2}|20\d{6})(-v\d+:\d+)?$/;
const BEDROCK_VERSION = /(-v\d+(:\d+)?|:\d+)$/;
const LATEST = /-latest$/;
const GOOGLE_VERSION = /-00\d$/;

type Step = (id: string) => string;

const STEPS: readonly Step[] = [
  (id) => id.toLowerCase(),
  (id) => PATHS.reduce((rest, path) => rest.replace(path, ""), id),
  (id) => id.replace(FINE_TUNED, "$1"),
  (id) => id.replace(ROUTE_SUFFIX, ""),
  (id) => id.replace(THROUGHPUT, "$1"),
  (id) => id.replace(VERTEX_VERSION, (_, version: string) => (/^\d/.test(version) ? `-${version}` : "")),
  (id) => id.replace(BEDROCK_REGION, ""),
];
/** What may be left out only at the end, since other prices may hang on it. */
const ENDINGS: readonly Step[] = [
  (id) => id.replace(LATEST, ""),
  (id) => id.replace(DATE, ""),
  (id) => id.replace(BEDROCK_VERSION, ""),
  (id) => id.replace(GOOGLE_VERSION, ""),
];

function withoutPrefix(id: string, prefixes: readonly string[]): string {
  const slash = id.indexOf("/");
  return slash > 0 && prefixes.includes(id.slice(0, slash)) ? id.slice(slash + 1) : id;
}

/** Spellings of a model to look for, the nearest first; the first is the id itself. `prefixes`: names that may stand before a slash. */
export function modelForms(id: string, prefixes: readonly string[]): readonly string[] {
  const forms = new Set([id]);
  let form = id;
  const take = (step: Step): void => {
    form = step(form);
    if (form !== "") forms.add(form);
  };
  take((at) => withoutPrefix(at, prefixes));
  for (const step of STEPS) take(step);
  take((at) => withoutPrefix(at, prefixes));
  for (const step of ENDINGS) take(step);
  if (form !== "") forms.add(`${form}-latest`);
  return [...forms];
}
