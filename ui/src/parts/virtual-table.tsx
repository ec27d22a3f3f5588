// A table of thousands of rows that holds only the seen ones in the page; cards on a phone; keys j k Enter.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useKeys } from "../lib/keys.ts";
import { Icon } from "./icon.tsx";

export interface Column<T> {
  readonly id: string;
  readonly title: ComponentChildren;
  /** A track of a CSS grid: `120px`, `minmax(160px, 2fr)`. */
  readonly width: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly align?: "right";
  /** Left out while the table is narrower than so many px. */
  readonly from?: number;
  /** Name to sort by; the heading becomes a button. */
  readonly sort?: string;
}

export interface VirtualTableFacts<T> {
  /** What the rows are, for readers aloud. */
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
  /** Where a row leads: it is a link then, so that it opens in a tab of its own too. */
  readonly hrefOf?: (row: T) => string;
  /** Opens a row in place. */
  readonly onOpen?: (row: T) => void;
  /** Key of the row that is open. */
  readonly chosen?: string | null;
  /** The row as a card under 720 px; absent: its first three columns. */
  readonly card?: (row: T) => ComponentChildren;
  readonly sortedBy?: { readonly by: string; readonly order: "asc" | "desc" };
  readonly onSort?: (by: string, order: "asc" | "desc") => void;
  /** Called when the end is near: ask for the next page. */
  readonly onEnd?: () => void;
  /** Rows come by themselves: those under the pointer do not move, a pill tells how many are new. */
  readonly live?: boolean;
  /** The page itself keeps new rows away while it is told to, instead of the table. */
  readonly hold?: Hold;
  /** Height in px, or a CSS length. */
  readonly height?: string;
  /** Below the last row. */
  readonly foot?: ComponentChildren;
}

/** For lists that change faster than they can be kept twice. */
export interface Hold {
  /** So many are kept away now. */
  readonly count: number;
  /** Whether rows must not move: the reader points at them, scrolled, or pressed Space. */
  readonly onHold: (isHeld: boolean) => void;
  readonly onRelease: () => void;
}

const CARDS_BELOW = 640;
const CARD_HEIGHT = 72;
const OVERSCAN = 8;
const HEAD = 34;
/** Rows by which a list knows where it began. */
const FIRST_KEPT = 50;

export function VirtualTable<T>(facts: VirtualTableFacts<T>) {
  const { label, columns, keyOf, hrefOf, onOpen, chosen = null, onEnd, height, foot } = facts;
  const scroller = useRef<HTMLDivElement>(null);
  const view = useView(scroller);
  const { rows, fresh, release } = useHeld(facts, view.top > 4 || view.isUnder);
  const [at, setAt] = useState<string | null>(null);
  const isCards = view.width > 0 && view.width < CARDS_BELOW;
  const rowHeight = isCards ? CARD_HEIGHT : view.row;
  const shown = columns.filter((column) => view.width === 0 || column.from === undefined || view.width >= column.from);
  const template = shown.map((column) => column.width).join(" ");
  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);
  const current = at ?? chosen;

  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - OVERSCAN) onEnd?.();
  }, [last, rows.length]);

  const go = (step: number) => {
    const from = rows.findIndex((row) => keyOf(row) === current);
    const index = Math.max(0, Math.min(rows.length - 1, from < 0 ? (step > 0 ? 0 : rows.length - 1) : from + step));
    const row = rows[index];
    if (row === undefined) return;
    setAt(keyOf(row));
    if (chosen !== null) onOpen?.(row);
    const box = scroller.current;
    if (box === null) return;
    const top = index * rowHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + rowHeight > box.scrollTop + box.clientHeight - HEAD)
      box.scrollTop = top + rowHeight + HEAD - box.clientHeight;
  };
  const open = () => {
    const row = rows.find((one) => keyOf(one) === current);
    if (row !== undefined) onOpen?.(row);
  };
  useKeys({ j: () => go(1), k: () => go(-1), ...(onOpen === undefined ? {} : { Enter: open }) });

  return (
    <div class={`vtable${isCards ? " cards" : ""}`} role="region" aria-label={label}>
      {fresh > 0 && (
        <button type="button" class="vpill" onClick={() => release(scroller.current)}>
          {fresh} new
        </button>
      )}
      <div
        class="vscroll"
        ref={scroller}
        tabIndex={0}
        role="table"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        style={{ height: height ?? `min(${rows.length * rowHeight + HEAD + 2}px, calc(100dvh - 220px))` }}
      >
        <div role="rowgroup" class="vhead-group">
          <Head facts={facts} columns={shown} template={template} />
        </div>
        <div class="vbody" role="rowgroup" style={{ height: `${rows.length * rowHeight}px` }}>
          {rows.slice(first, last).map((row, offset) => {
            const key = keyOf(row);
            return (
              <Row
                key={key}
                row={row}
                index={first + offset}
                height={rowHeight}
                template={template}
                columns={isCards ? columns.slice(0, 3) : shown}
                card={isCards ? facts.card : undefined}
                isChosen={key === current}
                href={hrefOf?.(row)}
                onOpen={
                  onOpen === undefined
                    ? undefined
                    : () => {
                        setAt(null);
                        onOpen(row);
                      }
                }
              />
            );
          })}
        </div>
        {foot}
      </div>
    </div>
  );
}

function Head<T>({
  facts: { sortedBy, onSort },
  columns,
  template,
}: {
  readonly facts: VirtualTableFacts<T>;
  readonly columns: readonly Column<T>[];
  readonly template: string;
}) {
  const sort = (by: string) => onSort?.(by, sortedBy?.by === by && sortedBy.order === "desc" ? "asc" : "desc");
  return (
    <div class="vhead" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
      {columns.map(({ id, title, align, sort: by }) => {
        const isSorted = by !== undefined && sortedBy?.by === by;
        const order = isSorted ? (sortedBy?.order === "asc" ? "ascending" : "descending") : undefined;
        return (
          <div key={id} role="columnheader" class={align} aria-sort={order}>
            {by === undefined || onSort === undefined ? (
              <span>{title}</span>
            ) : (
              <button type="button" onClick={() => sort(by)}>
                {title}
                {isSorted && <Icon name={sortedBy?.order === "asc" ? "up" : "down"} size={12} />}
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}

interface RowFacts<T> {
  readonly row: T;
  readonly index: number;
  readonly height: number;
  readonly template: string;
  readonly columns: readonly Column<T>[];
  readonly card: ((row: T) => ComponentChildren) | undefined;
  readonly isChosen: boolean;
  readonly href: string | undefined;
  readonly onOpen: (() => void) | undefined;
}

function Row<T>({ row, index, height, template, columns, card, isChosen, href, onOpen }: RowFacts<T>) {
  const open = (event: MouseEvent) => {
    // a click on a link or button in the row is meant for that
    const inner = event.target instanceof Element ? event.target.closest("a, button, input") : null;
    if (inner !== null && inner !== event.currentTarget) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || (window.getSelection()?.toString() ?? "") !== "") return;
    if (onOpen === undefined) return;
    event.preventDefault();
    onOpen();
  };
  const cells =
    card === undefined ? (
      columns.map(({ id, align, cell }, at) => (
        <div key={id} role="cell" class={align}>
          {at === 0 && href !== undefined ? (
            <a class="vlink" href={href}>
              {cell(row)}
            </a>
          ) : (
            cell(row)
          )}
        </div>
      ))
    ) : (
      <div role="cell">
        {href === undefined ? (
          card(row)
        ) : (
          <a class="vlink" href={href}>
            {card(row)}
          </a>
        )}
      </div>
    );
  return (
    <div
      class={`vrow${onOpen === undefined ? "" : " can-open"}`}
      role="row"
      aria-rowindex={index + 2}
      data-chosen={isChosen}
      style={{ top: `${index * height}px`, height: `${height}px`, gridTemplateColumns: template }}
      onClick={open}
    >
      {cells}
    </div>
  );
}

interface View {
  readonly top: number;
  readonly height: number;
  readonly width: number;
  /** Height of a row, px: the token `--row`. */
  readonly row: number;
  /** The pointer is over the rows. */
  readonly isUnder: boolean;
}

/** What part of the rows is seen. */
function useView(scroller: { readonly current: HTMLDivElement | null }): View {
  const [view, setView] = useState<View>({ top: 0, height: 800, width: 0, row: 36, isUnder: false });
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    let isUnder = false;
    const read = () => {
      const row = Number.parseFloat(getComputedStyle(box).getPropertyValue("--row")) || 36;
      const next = { top: box.scrollTop, height: box.clientHeight, width: box.clientWidth, row, isUnder };
      setView((before) => (isSame(before, next) ? before : next));
    };
    const over = (event: PointerEvent) => {
      isUnder = event.type === "pointerenter" && event.pointerType === "mouse";
      read();
    };
    const observer = new ResizeObserver(read);
    observer.observe(box);
    box.addEventListener("scroll", read, { passive: true });
    // the pill belongs to them: whoever goes to press it has not left
    const whole = box.parentElement ?? box;
    whole.addEventListener("pointerenter", over);
    whole.addEventListener("pointerleave", over);
    read();
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", read);
      whole.removeEventListener("pointerenter", over);
      whole.removeEventListener("pointerleave", over);
    };
  }, []);
  return view;
}

function isSame(a: View, b: View): boolean {
  return a.top === b.top && a.height === b.height && a.width === b.width && a.row === b.row && a.isUnder === b.isUnder;
}

/** While the reader points at the rows, or has scrolled, those that come stay away; those that are there still change. */
function useHeld<T>({ rows, live = false, keyOf, hold }: VirtualTableFacts<T>, isLooking: boolean) {
  const [isPaused, setPaused] = useState(false);
  const kept = useRef<readonly string[] | null>(null);
  const isHeld = live && (isLooking || isPaused);
  useKeys({ " ": () => setPaused((before) => !before) }, live);
  useEffect(() => hold?.onHold(isHeld), [isHeld]);
  const release = (box: HTMLElement | null) => {
    kept.current = null;
    setPaused(false);
    hold?.onRelease();
    box?.scrollTo({ top: 0 });
  };
  if (hold !== undefined) return { rows, fresh: hold.count, isPaused, release };
  if (!isHeld) kept.current = null;
  else kept.current ??= rows.slice(0, FIRST_KEPT).map(keyOf);
  // what comes behind the rows that are shown is the next page, and moves none of them
  const first = kept.current === null ? 0 : firstOf(rows, kept.current, keyOf);
  return { rows: first === 0 ? rows : rows.slice(first), fresh: first, isPaused, release };
}

/** The place of the first of the rows by which it is known where the list began; some of them may be gone. */
function firstOf<T>(rows: readonly T[], kept: readonly string[], keyOf: (row: T) => string): number {
  const known = new Set(kept);
  return Math.max(
    0,
    rows.findIndex((row) => known.has(keyOf(row))),
  );
}
