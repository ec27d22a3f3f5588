// What use can be grouped by, what a group is called, and how the log is narrowed to one.

export interface Dimension {
  /** As the API calls it: `virtual_key`, `tag:feature`. */
  readonly id: string;
  /** `Virtual key` */
  readonly title: string;
  /** Parameter of the log that narrows it to one value. */
  readonly filter: string;
  /** What requests without a value are called. */
  readonly none: string;
}

/** Those that every request may have. */
export const DIMENSIONS: readonly Dimension[] = [
  { id: "virtual_key", title: "Virtual key", filter: "virtual_key_ids", none: "no virtual key" },
  { id: "user", title: "User", filter: "user_ids", none: "no user told" },
  { id: "team", title: "Team", filter: "team_ids", none: "no team" },
  { id: "customer", title: "Customer", filter: "customer_ids", none: "no customer" },
  { id: "model", title: "Model", filter: "models", none: "no model reached" },
  { id: "provider", title: "Provider", filter: "providers", none: "no provider reached" },
  { id: "app", title: "App", filter: "apps", none: "no app told" },
];

const TAG = "tag:";

/** The dimension with this id; an unknown one is the first. */
export function dimensionOf(id: string | null): Dimension {
  if (id?.startsWith(TAG) === true && id.length > TAG.length) return tagDimension(id.slice(TAG.length));
  return DIMENSIONS.find((dimension) => dimension.id === id) ?? (DIMENSIONS[0] as Dimension);
}

/** By the values of a tag (`x-bf-dim-NAME`). */
export function tagDimension(name: string): Dimension {
  return { id: TAG + name, title: `Tag ${name}`, filter: TAG + name, none: `no tag ${name}` };
}

/** The dimension that a filter of the log narrows, or undefined. */
export function dimensionOfFilter(filter: string): Dimension | undefined {
  if (filter.startsWith(TAG) && filter.length > TAG.length) return tagDimension(filter.slice(TAG.length));
  return DIMENSIONS.find((dimension) => dimension.filter === filter);
}

/** The rest of a chart or of sums beyond so many values: no value of its own. */
export const OTHER = "other";

/** What a group is called. */
export function groupName(dimension: Dimension, id: string, name: string | undefined): string {
  if (id === "") return dimension.none;
  return name === undefined || name === "" ? id : name;
}
