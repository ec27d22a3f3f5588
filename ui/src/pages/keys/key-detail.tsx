// One virtual key beside the list: limits, providers, use, calls to copy, and who changed it.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { useResource } from "../../api/resource.ts";
import { navigate, queryValue, setQuery } from "../../lib/router.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Facts } from "../../parts/card.tsx";
import { CodeBlock, Copyable } from "../../parts/code-block.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { DetailPane } from "../../parts/detail-pane.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Badge, Locked, Note } from "../../parts/status.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Time } from "../../parts/time.tsx";
import { toast } from "../../parts/toast.tsx";
import { History } from "./history.tsx";
import { KeyStatus, keyHref } from "./list-keys.tsx";
import { OwnerLimits } from "./owner-limits.tsx";
import { ProvidersOf } from "./providers-of.tsx";
import { removeLater } from "./remove.ts";
import { CallSnippets } from "./secret.tsx";
import type { Source, UiState, VirtualKey } from "./types.ts";
import { Use } from "./use.tsx";

export interface KeyDetailFacts {
  readonly id: string;
  readonly onBefore: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
  /** The list shows something older now. */
  readonly onChanged: () => unknown;
}

export function KeyDetail({ id, onBefore, onNext, onChanged }: KeyDetailFacts) {
  const path = `/api/governance/virtual-keys/${encodeURIComponent(id)}`;
  const key = useResource<{ virtual_key: VirtualKey }>(path);
  const state = useResource<UiState>("/api/ui/state").data;
  const shown = key.data?.virtual_key.id === id ? key.data.virtual_key : undefined;
  const changed = async () => {
    await Promise.all([key.reload(), onChanged()]);
  };
  return (
    <DetailPane
      id={id}
      title={shown?.name ?? "Virtual key"}
      onClose={() => navigate(keyHref(null), { quiet: true })}
      onBefore={onBefore}
      onNext={onNext}
    >
      <Loaded of={key} failed="The key could not be read.">
        {({ virtual_key: one }) => (
          <>
            <Head of={one} isLocked={state?.config_locked === true} onChanged={changed} />
            <DetailTabs of={one} isLocked={state?.config_locked === true} onChanged={changed} />
          </>
        )}
      </Loaded>
    </DetailPane>
  );
}

/** Where an item is kept, for the head of its details. */
export function Place({ source, isLocked }: { readonly source: Source; readonly isLocked: boolean }) {
  if (source.type === "api") return <Badge>saved here</Badge>;
  const place = source.place ?? source.type;
  if (!isLocked) return <Badge title="Read from there at the first start; changes here are kept">{place}</Badge>;
  const line = /^(.*):(\d+)$/.exec(place);
  return line === null ? <Locked file={place} /> : <Locked file={line[1] ?? place} line={Number(line[2])} />;
}

interface PartFacts {
  readonly of: VirtualKey;
  readonly isLocked: boolean;
  readonly onChanged: () => Promise<void>;
}

function Head({ of, isLocked, onChanged }: PartFacts) {
  const path = `/api/governance/virtual-keys/${encodeURIComponent(of.id)}`;
  const [secret, setSecret] = useState<string | null>(null);
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      await onChanged();
    } catch (error) {
      toast({ text: `Not done: ${toApiError(error).message}.`, tone: "bad" });
    }
  };
  const put = (body: object) => attempt(() => send("PUT", path, body));
  const rotate = async () => {
    const text = "It gets another secret. The old one is refused from then on: clients need the new one.";
    if (!(await confirm({ title: `Rotate ${of.name}?`, text, act: "Rotate" }))) return;
    await attempt(async () => {
      const answer = await send<{ virtual_key: VirtualKey }>("POST", `${path}/rotate`, {});
      setSecret(answer.virtual_key.value);
    });
  };
  const remove = () => {
    removeLater(path, of.id, of.name);
    navigate(keyHref(null), { quiet: true });
  };
  return (
    <div class="stack">
      <div class="row">
        <KeyStatus of={of} />
        <Place source={of.source} isLocked={isLocked} />
        {of.team !== null && <a href={`/keys?tab=teams&open=${encodeURIComponent(of.team.id)}`}>{of.team.name}</a>}
        {of.customer !== null && (
          <a href={`/keys?tab=customers&open=${encodeURIComponent(of.customer.id)}`}>{of.customer.name}</a>
        )}
      </div>
      {of.description !== "" && <p class="soft">{of.description}</p>}
      <div class="row">
        <ButtonLink icon="edit" href={`/keys/${encodeURIComponent(of.id)}/edit`}>
          {isLocked ? "Write a patch" : "Edit"}
        </ButtonLink>
        {!isLocked && (
          <>
            <Button onClick={() => put({ is_active: !of.is_active })}>
              {of.is_active ? "Switch off" : "Switch on"}
            </Button>
            <Button onClick={rotate}>Rotate</Button>
            <Button icon="trash" kind="danger" onClick={remove}>
              Delete
            </Button>
          </>
        )}
      </div>
      {secret !== null && (
        <Dialog title="The new secret" onClose={() => setSecret(null)}>
          <p class="soft">It is shown this once: copy it now.</p>
          <CodeBlock code={secret} label="the secret" wrap />
        </Dialog>
      )}
    </div>
  );
}

function DetailTabs({ of, isLocked, onChanged }: PartFacts) {
  const current = queryValue("show") ?? "limits";
  const id = encodeURIComponent(of.id);
  return (
    <Tabs
      label="About this key"
      current={current}
      onChange={(show) => setQuery({ show: show === "limits" ? null : show })}
      tabs={[
        {
          id: "limits",
          title: "Limits",
          content: () => (
            <OwnerLimits
              of={of}
              path={`/api/governance/virtual-keys/${id}`}
              forecast={`virtual_key_id=${id}`}
              isLocked={isLocked}
              onChanged={onChanged}
            />
          ),
        },
        { id: "providers", title: "Providers", content: () => <ProvidersOf of={of} /> },
        { id: "use", title: "Use", content: () => <Use query={`virtual_key_ids=${id}`} /> },
        { id: "snippets", title: "Snippets", content: () => <Calls of={of} /> },
        { id: "history", title: "History", content: () => <History entity="virtual-key" id={of.id} /> },
        { id: "facts", title: "Facts", content: () => <KeyFacts of={of} /> },
      ]}
    />
  );
}

function Calls({ of }: { readonly of: VirtualKey }) {
  return (
    <>
      <Note tone="plain">
        The secret is known to whoever made the key: put it in DRAWBRIDGE_KEY. Lost, it is replaced by Rotate.
      </Note>
      <CallSnippets of={of} />
    </>
  );
}

function KeyFacts({ of }: { readonly of: VirtualKey }) {
  return (
    <Facts
      rows={[
        ["Id", <Copyable text={of.id} />],
        ["Secret", <code>{of.value || "none"}</code>],
        ["Expires", of.expires_at === null ? "never" : <Time at={of.expires_at} exact />],
        ["Content kept", of.content_level ?? "as the whole gateway"],
        ["Models without a price", of.unpriced_models ?? "as the whole gateway"],
        ["While limits cannot be counted", of.on_store_down],
        ["Required headers", of.required_headers.length === 0 ? "none" : of.required_headers.join(", ")],
        ["Made", <Time at={of.created_at ?? null} exact />],
        ["Changed", <Time at={of.updated_at ?? null} exact />],
      ]}
    />
  );
}
