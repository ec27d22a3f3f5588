// A team or customer: its limits, its members, its use and its history; or the form that changes it.
import { useResource } from "../../api/resource.ts";
import { plural } from "../../lib/format.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Copyable } from "../../parts/code-block.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { DetailPane } from "../../parts/detail-pane.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { History } from "./history.tsx";
import { Place } from "./key-detail.tsx";
import { OwnerForm } from "./owner-form.tsx";
import { OwnerLimits } from "./owner-limits.tsx";
import { removeLater } from "./remove.ts";
import type { Owner, OwnerKind, UiState, VirtualKey } from "./types.ts";
import { Use } from "./use.tsx";
import { usePages } from "./use-pages.ts";

export interface OwnerDetailFacts {
  readonly kind: OwnerKind;
  readonly id: string;
  readonly isEditing: boolean;
  readonly onChanged: () => unknown;
}

export function OwnerDetail({ kind, id, isEditing, onChanged }: OwnerDetailFacts) {
  const path = `/api/governance/${kind}s/${encodeURIComponent(id)}`;
  const owner = useResource<Readonly<Record<string, Owner>>>(path);
  const isLocked = useResource<UiState>("/api/ui/state").data?.config_locked === true;
  const shown = owner.data?.[kind];
  const changed = async () => {
    await Promise.all([owner.reload(), onChanged()]);
  };
  if (isEditing && shown !== undefined) return <OwnerForm kind={kind} before={shown} onChanged={changed} />;
  return (
    <DetailPane
      id={id}
      title={shown?.name ?? "Details"}
      onClose={() => setQuery({ open: null, edit: null, show: null })}
    >
      <Loaded of={owner} failed={`The ${kind} could not be read.`}>
        {(data) => {
          const one = data[kind];
          return one === undefined ? null : (
            <Shown kind={kind} of={one} isLocked={isLocked} path={path} onChanged={changed} />
          );
        }}
      </Loaded>
    </DetailPane>
  );
}

function Shown({
  kind,
  of,
  isLocked,
  path,
  onChanged,
}: {
  readonly kind: OwnerKind;
  readonly of: Owner;
  readonly isLocked: boolean;
  readonly path: string;
  readonly onChanged: () => unknown;
}) {
  const id = encodeURIComponent(of.id);
  const remove = async () => {
    const text = "Those that belong to it must be moved or deleted first: the gateway refuses otherwise.";
    if (!(await confirm({ title: `Delete the ${kind} ${of.name}?`, text, act: "Delete" }))) return;
    removeLater(path, of.id, of.name);
    setQuery({ open: null, edit: null });
  };
  return (
    <>
      <div class="row">
        <Place source={of.source} isLocked={isLocked} />
        <Copyable text={of.id} />
        {of.customer !== undefined && of.customer !== null && (
          <a href={`/keys?tab=customers&open=${encodeURIComponent(of.customer.id)}`}>{of.customer.name}</a>
        )}
      </div>
      <div class="row">
        <Button icon="edit" onClick={() => setQuery({ edit: "1" })}>
          {isLocked ? "Write a patch" : "Edit"}
        </Button>
        <ButtonLink icon="plus" href={`/keys/new?${kind}=${id}`}>
          New key
        </ButtonLink>
        {!isLocked && (
          <Button kind="danger" icon="trash" onClick={remove}>
            Delete
          </Button>
        )}
      </div>
      <Tabs
        label={`About this ${kind}`}
        current={queryValue("show") ?? "limits"}
        onChange={(show) => setQuery({ show: show === "limits" ? null : show })}
        tabs={[
          {
            id: "limits",
            title: "Limits",
            content: () => (
              <OwnerLimits
                of={of}
                path={path}
                forecast={`${kind}_id=${id}`}
                isLocked={isLocked}
                onChanged={onChanged}
              />
            ),
          },
          { id: "members", title: "Members", content: () => <Members kind={kind} id={of.id} /> },
          { id: "use", title: "Use", content: () => <Use query={`${kind}_ids=${id}`} /> },
          { id: "history", title: "History", content: () => <History entity={kind} id={of.id} /> },
        ]}
      />
    </>
  );
}

function Members({ kind, id }: { readonly kind: OwnerKind; readonly id: string }) {
  return (
    <>
      {kind === "customer" && <MemberList many="teams" member="teams" kind={kind} id={id} />}
      <MemberList many="virtual keys" member="virtual_keys" kind={kind} id={id} />
    </>
  );
}

function MemberList({
  many,
  member,
  kind,
  id,
}: {
  readonly many: string;
  readonly member: "teams" | "virtual_keys";
  readonly kind: OwnerKind;
  readonly id: string;
}) {
  const path = `/api/governance/${member.replace("_", "-")}?sort_by=name&${kind}_id=${encodeURIComponent(id)}`;
  const pages = usePages<VirtualKey | Owner>(path, member);
  const href = (one: string) =>
    member === "teams" ? `/keys?tab=teams&open=${encodeURIComponent(one)}` : `/keys/${encodeURIComponent(one)}`;
  if (pages.error !== null)
    return (
      <p class="keys-bad">
        The {many} could not be read: {pages.error.message}.
      </p>
    );
  if (pages.rows === undefined) return null;
  return (
    <section class="stack" aria-label={many}>
      <h3>{plural(pages.total, many.replace(/s$/, ""))}</h3>
      <ul class="keys-members">
        {pages.rows.map((row) => (
          <li key={row.id}>
            <a href={href(row.id)}>{row.name}</a>
          </li>
        ))}
      </ul>
      {pages.rows.length < pages.total && <Button onClick={pages.more}>Show more</Button>}
    </section>
  );
}
