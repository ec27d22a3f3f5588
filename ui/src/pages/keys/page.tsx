// Keys: for whom? Virtual keys, teams, customers, and limits for everybody.

import { useLive } from "../../api/live-stream.ts";
import { useResource } from "../../api/resource.ts";
import { navigate, queryValue, setQuery } from "../../lib/router.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import type { PageProps } from "../../shell/pages.ts";
import { KeyForm } from "./form.tsx";
import { GlobalLimits } from "./global-limits.tsx";
import { KeyDetail } from "./key-detail.tsx";
import { KeyTable, keyHref, keyListPath } from "./list-keys.tsx";
import { Owners } from "./owners.tsx";
import { RaisedLimit } from "./raised-limit.tsx";
import { leaving } from "./remove.ts";
import type { VirtualKey } from "./types.ts";
import { usePages } from "./use-pages.ts";
import { useReloads } from "./use-reloads.ts";
import "./page.css";

export function Page({ rest }: PageProps) {
  const [id = "", act = ""] = rest.map(decodeURIComponent);
  if (id === "new" && act === "") return <KeyForm key="new" before={null} />;
  if (act === "edit") return <EditKey key={id} id={id} />;
  return <KeysHome open={id === "" ? null : id} />;
}

function EditKey({ id }: { readonly id: string }) {
  const key = useResource<{ virtual_key: VirtualKey }>(`/api/governance/virtual-keys/${encodeURIComponent(id)}`);
  if (key.data !== undefined) return <KeyForm before={key.data.virtual_key} />;
  return (
    <Layout title="Edit key">
      <Loaded of={key} failed="The key could not be read.">
        {() => null}
      </Loaded>
    </Layout>
  );
}

function KeysHome({ open }: { readonly open: string | null }) {
  useLive();
  const tab = open !== null ? "keys" : (queryValue("tab") ?? "keys");
  const limit = queryValue("limit");
  return (
    <Layout
      title="Keys"
      actions={
        <ButtonLink kind="primary" icon="plus" href="/keys/new">
          New key
        </ButtonLink>
      }
    >
      {limit !== null && open === null && <RaisedLimit id={limit} />}
      <Tabs
        label="For whom"
        current={tab}
        onChange={(next) => {
          if (open !== null) navigate(`/keys?tab=${next}`, { quiet: true });
          else
            setQuery({
              tab: next === "keys" ? null : next,
              search: null,
              open: null,
              edit: null,
              sort: null,
              order: null,
            });
        }}
        tabs={[
          { id: "keys", title: "Virtual keys", content: () => <Keys open={open} /> },
          { id: "teams", title: "Teams", content: () => <Owners kind="team" /> },
          { id: "customers", title: "Customers", content: () => <Owners kind="customer" /> },
          { id: "limits", title: "Limits", content: () => <GlobalLimits /> },
        ]}
      />
    </Layout>
  );
}

function Keys({ open }: { readonly open: string | null }) {
  const pages = usePages<VirtualKey>(keyListPath(), "virtual_keys");
  useReloads(pages.reload);
  const rows = pages.rows?.filter(({ id }) => !leaving.value.has(id)) ?? [];
  const at = rows.findIndex(({ id }) => id === open);
  const go = (step: number) => {
    const row = at < 0 ? undefined : rows[at + step];
    return row === undefined ? undefined : () => navigate(keyHref(row.id), { quiet: true });
  };
  return (
    <div class={`with-pane${open === null ? "" : " is-open"}`}>
      <KeyTable pages={pages} chosen={open} />
      {open !== null && <KeyDetail key={open} id={open} onBefore={go(-1)} onNext={go(1)} onChanged={pages.reload} />}
    </div>
  );
}
