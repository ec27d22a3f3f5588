// Who or what has most of something: names with bars, the largest first.
import type { ComponentChildren } from "preact";

export interface RankRow {
  readonly id: string;
  readonly name: ComponentChildren;
  /** What the bar shows. */
  readonly value: number;
  /** The value as it is read. */
  readonly shown: ComponentChildren;
  /** Further columns, in the order of `columns`. */
  readonly more?: readonly ComponentChildren[];
  readonly href?: string;
}

export interface RankTableFacts {
  readonly label: string;
  /** Heading of the names, of the value, of further columns. */
  readonly columns: readonly [string, string, ...string[]];
  readonly rows: readonly RankRow[];
  /** The row that is open. */
  readonly chosen?: string | null;
  readonly onOpen?: (id: string) => void;
}

export function RankTable({ label, columns, rows, chosen, onOpen }: RankTableFacts) {
  const most = Math.max(...rows.map((row) => row.value), Number.MIN_VALUE);
  const [name, value, ...others] = columns;
  return (
    <div class="table-wrap">
      <table class="table" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{name}</th>
            <th scope="col">
              <span class="unseen">Share</span>
            </th>
            <th scope="col" class="right">
              {value}
            </th>
            {others.map((title) => (
              <th key={title} scope="col" class="right">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} aria-current={row.id === chosen ? "true" : undefined}>
              <td class="rank-name">
                <RankName row={row} onOpen={onOpen} />
              </td>
              <td class="rank-cell">
                <span class="rank-bar" aria-hidden="true">
                  <span style={{ width: `${Math.max(0, (row.value / most) * 100)}%` }} />
                </span>
              </td>
              <td class="right">{row.shown}</td>
              {row.more?.map((cell, index) => (
                <td key={index} class="right">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RankName({ row, onOpen }: { readonly row: RankRow; readonly onOpen: ((id: string) => void) | undefined }) {
  if (row.href !== undefined) return <a href={row.href}>{row.name}</a>;
  if (onOpen === undefined) return <>{row.name}</>;
  return (
    <button type="button" class="link" onClick={() => onOpen(row.id)}>
      {row.name}
    </button>
  );
}
