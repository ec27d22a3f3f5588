// The routing rules in the order in which they are asked; moved by drag or keys, switched, opened, deleted with a way back.
import { useEffect, useState } from "preact/hooks";
import { get, send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { plural } from "../../lib/format.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Note } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import { draftOf, freshRule, inOrder, movedPriorities, type RuleDraft } from "./rule-draft.ts";
import { RuleForm } from "./rule-form.tsx";
import { RuleRow } from "./rule-row.tsx";
import type { Rule, RuleList, RuleScope } from "./types.ts";
import { useLocked } from "./use-locked.ts";

const RULES = "/api/governance/routing-rules";
const PAGE = 100;

const SCOPE_HEADS: Readonly<Record<RuleScope, string>> = {
  virtual_key: "First: rules for one virtual key",
  team: "Then: rules for one team",
  customer: "Then: rules for one customer",
  global: "Last: rules for every request",
};

async function change(path: string, body: unknown): Promise<void> {
  try {
    await send("PUT", path, body);
  } catch (error) {
    toast({ text: `The rule was not changed: ${toApiError(error).message}`, tone: "bad" });
  }
  await refresh(RULES);
}

export function Rules() {
  const [limit, setLimit] = useState(PAGE);
  const list = useResource<RuleList>(`${RULES}?limit=${PAGE}&sort_by=created_at&order=asc`);
  const more = useMoreRules(list.data, limit);
  const [fresh, setFresh] = useState<RuleDraft | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const locked = useLocked();
  const rules = inOrder([...(list.data?.rules ?? []), ...more].filter(({ id }) => !hidden.has(id)));
  const opened = rules.find(({ id }) => id === queryValue("rule"));
  const form = fresh ?? (opened === undefined ? null : draftOf(opened));
  const add = () => setFresh(freshRule(rules.filter(({ scope }) => scope === "global")));
  const close = () => {
    setFresh(null);
    setQuery({ rule: null });
  };
  const hide = (id: string, isHidden: boolean) =>
    setHidden((before) => new Set(isHidden ? [...before, id] : [...before].filter((one) => one !== id)));
  const remove = (rule: Rule) => {
    hide(rule.id, true);
    toast({
      text: `The rule “${rule.name}” is deleted.`,
      undo: () => hide(rule.id, false),
      onGone: async () => {
        await send("DELETE", `${RULES}/${rule.id}`).catch((error: unknown) => {
          hide(rule.id, false);
          toast({ text: `The rule was not deleted: ${toApiError(error).message}`, tone: "bad" });
        });
        await refresh(RULES);
      },
    });
  };
  return (
    <Card
      title="Rules, in the order in which they are asked"
      flush
      testId="rules"
      actions={
        <Button icon="plus" onClick={add}>
          Add a rule
        </Button>
      }
    >
      <Loaded of={list} failed="The routing rules could not be read.">
        {(data) => (
          <>
            {data.warnings?.map((text) => (
              <Note key={text} tone="warn">
                {text}
              </Note>
            ))}
            {rules.length === 0 ? (
              <Empty
                icon="routing"
                title="No routing rule"
                why="Weights of virtual keys and the model catalogue decide. A rule sends some requests elsewhere: by model, header, budget or complexity."
                action={
                  <Button kind="primary" onClick={add}>
                    Add a rule
                  </Button>
                }
              />
            ) : (
              <RuleLists rules={rules} isLocked={locked !== null} onRemove={remove} />
            )}
            {data.total_count > limit && (
              <div class="row routing-scope">
                <Button onClick={() => setLimit(limit + PAGE)}>Show more</Button>
                <span>{plural(data.total_count, "rule")} in all</span>
              </div>
            )}
          </>
        )}
      </Loaded>
      {form !== null && <RuleForm key={form.id ?? "new"} start={form} locked={locked} onClose={close} />}
    </Card>
  );
}

/** What stands behind the first page, up to `limit`; read anew whenever the first page is. */
function useMoreRules(first: RuleList | undefined, limit: number): readonly Rule[] {
  const [more, setMore] = useState<readonly Rule[]>([]);
  useEffect(() => {
    const until = Math.min(limit, first?.total_count ?? 0);
    if (until <= PAGE) return setMore([]);
    const abort = new AbortController();
    const read = async () => {
      const rules: Rule[] = [];
      for (let offset = PAGE; offset < until; offset += PAGE) {
        const path = `${RULES}?limit=${PAGE}&offset=${offset}&sort_by=created_at&order=asc`;
        rules.push(...(await get<RuleList>(path, { signal: abort.signal })).rules);
      }
      if (!abort.signal.aborted) setMore(rules);
    };
    read().catch((error: unknown) => {
      if (abort.signal.aborted) return;
      toast({ text: `The further rules could not be read: ${toApiError(error).message}`, tone: "bad" });
    });
    return () => abort.abort();
  }, [first, limit]);
  return more;
}

interface ListFacts {
  readonly rules: readonly Rule[];
  readonly isLocked: boolean;
  readonly onRemove: (rule: Rule) => void;
}

function RuleLists({ rules, isLocked, onRemove }: ListFacts) {
  const [dragged, setDragged] = useState<Rule | null>(null);
  const scopes = [...new Set(rules.map(({ scope }) => scope))];
  const move = async (rule: Rule, to: number) => {
    const own = rules.filter(({ scope }) => scope === rule.scope);
    for (const { id, priority } of movedPriorities(own, rule.id, to)) await change(`${RULES}/${id}`, { priority });
    document.getElementById(`grip-${rule.id}`)?.focus();
  };
  return (
    <>
      {scopes.map((scope) => {
        const own = rules.filter((rule) => rule.scope === scope);
        return (
          <div key={scope}>
            <h3 class="routing-scope">{SCOPE_HEADS[scope]}</h3>
            <ol class="routing-rules">
              {own.map((rule, index) => (
                <RuleRow
                  key={rule.id}
                  rule={rule}
                  place={index}
                  count={own.length}
                  isLocked={isLocked}
                  onMove={(to) => void move(rule, to)}
                  onDragStart={() => setDragged(rule)}
                  canDrop={dragged !== null && dragged.scope === scope && dragged.id !== rule.id}
                  onDrop={() => {
                    if (dragged !== null) void move(dragged, index);
                    setDragged(null);
                  }}
                  onSwitch={(enabled) => void change(`${RULES}/${rule.id}`, { enabled })}
                  onRemove={() => onRemove(rule)}
                />
              ))}
            </ol>
          </div>
        );
      })}
    </>
  );
}
