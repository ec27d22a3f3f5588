// As which virtual key: searched at the gateway, since there may be a hundred thousand.
import { useEffect, useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { Select } from "../../parts/select.tsx";
import { chooseKey } from "./use-targets.ts";

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly is_active: boolean;
  readonly team?: { readonly name: string } | null;
  readonly customer?: { readonly name: string } | null;
}

const NONE = { value: "", label: "No virtual key", hint: "as nobody" };
const SHOWN = 20;
/** ms after the last key press. */
const PATIENCE = 150;

export function KeyPicker({ keyId }: { readonly keyId: string | null }) {
  const [typed, setTyped] = useState("");
  const text = useSettled(typed);
  const list = useResource<{ readonly virtual_keys: readonly KeyRow[]; readonly total_count: number }>(
    `/api/governance/virtual-keys?limit=${SHOWN}&sort_by=name&order=asc&search=${encodeURIComponent(text)}`,
  );
  const one = useResource<{ readonly virtual_key: KeyRow }>(
    keyId === null ? null : `/api/governance/virtual-keys/${encodeURIComponent(keyId)}`,
  );
  const chosen = keyId === null ? undefined : one.data?.virtual_key;
  const rows = list.data?.virtual_keys ?? [];
  const others = rows.filter(({ id }) => id !== keyId);
  const isGone = keyId !== null && one.error?.status === 404;
  const more = (list.data?.total_count ?? 0) - rows.length;
  return (
    <Select
      label="As"
      value={keyId ?? ""}
      options={[
        ...(text === "" ? [NONE] : []),
        ...(chosen?.id === keyId && chosen !== undefined ? [chosen] : []).map(option),
        ...others.map(option),
      ]}
      onChange={(id) => chooseKey(id === "" ? null : id)}
      onSearch={setTyped}
      placeholder={NONE.label}
      hint={
        more > 0
          ? `Charged and limited as that key. ${more} more: search by name.`
          : "Charged and limited as that key, by its id: its secret is not needed."
      }
      error={isGone ? "This virtual key is not there any more." : undefined}
    />
  );
}

function option({ id, name, is_active: isActive, team, customer }: KeyRow) {
  const owner = team?.name ?? customer?.name ?? "";
  return { value: id, label: name, hint: isActive ? owner : "switched off" };
}

/** What was typed, once it rests. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), PATIENCE);
    return () => window.clearTimeout(timer);
  }, [text]);
  return settled;
}
