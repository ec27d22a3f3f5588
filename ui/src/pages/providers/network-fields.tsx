// How a provider is reached: address, headers, times, tries, proxy.
import { type ApiError, fieldError } from "../../api/errors.ts";
import { TextField } from "../../parts/field.tsx";
import { Select } from "../../parts/select.tsx";
import { Switch } from "../../parts/switch.tsx";
import { NUMBERS, type ProviderDraft } from "./provider-draft.ts";

export interface NetworkFieldsFacts {
  readonly draft: ProviderDraft;
  /** The provider's own address; null = it has none. */
  readonly usual: string | null;
  readonly error: ApiError | null;
  readonly onChange: (draft: ProviderDraft) => void;
}

const PROXIES = [
  { value: "environment", label: "As the environment says" },
  { value: "none", label: "None" },
  { value: "http", label: "HTTP" },
  { value: "socks5", label: "SOCKS 5" },
];

export function NetworkFields({ draft, usual, error, onChange }: NetworkFieldsFacts) {
  const change = (part: Partial<ProviderDraft>) => onChange({ ...draft, ...part });
  const wrong = (name: string) => fieldError(error, `network_config.${name}`, name);
  return (
    <div class="stack">
      <TextField
        label="Base URL"
        mono
        optional={usual !== null}
        value={draft.baseUrl}
        onInput={(baseUrl) => change({ baseUrl })}
        placeholder={usual ?? "https://"}
        error={wrong("base_url")}
      />
      <TextField
        label="Headers for every call"
        mono
        optional
        rows={2}
        value={draft.headers}
        onInput={(headers) => change({ headers })}
        placeholder="x-project: 7"
        hint="One a line, name: value; a value may be env.NAME"
        error={wrong("extra_headers")}
      />
      <div class="providers-two">
        {NUMBERS.map(({ name, label, unit }) => (
          <TextField
            key={name}
            label={label}
            type="number"
            value={draft.numbers[name] ?? ""}
            onInput={(text) => change({ numbers: { ...draft.numbers, [name]: text } })}
            error={wrong(name)}
            {...(unit === "" ? {} : { unit })}
          />
        ))}
      </div>
      <div class="row">
        <Switch
          label="Private addresses may be reached"
          on={draft.allowPrivate}
          onChange={(allowPrivate) => change({ allowPrivate })}
        />
        <Switch label="Take any certificate" on={draft.skipVerify} onChange={(skipVerify) => change({ skipVerify })} />
      </div>
      <Proxy draft={draft} error={error} onChange={change} />
    </div>
  );
}

function Proxy({
  draft,
  error,
  onChange,
}: {
  readonly draft: ProviderDraft;
  readonly error: ApiError | null;
  readonly onChange: (part: Partial<ProviderDraft>) => void;
}) {
  const wrong = (name: string) => fieldError(error, `proxy_config.${name}`);
  const hasAddress = draft.proxyType === "http" || draft.proxyType === "socks5";
  return (
    <>
      <Select
        label="Proxy"
        value={draft.proxyType}
        options={PROXIES}
        onChange={(proxyType) => onChange({ proxyType })}
        error={wrong("type")}
      />
      {hasAddress && (
        <>
          <TextField
            label="Address of the proxy"
            mono
            value={draft.proxyUrl}
            onInput={(proxyUrl) => onChange({ proxyUrl })}
            error={wrong("url")}
          />
          <div class="providers-two">
            <TextField
              label="User name"
              optional
              value={draft.proxyUser}
              onInput={(proxyUser) => onChange({ proxyUser })}
              error={wrong("username")}
            />
            <TextField
              label="Password"
              optional
              mono
              value={draft.proxyPassword}
              onInput={(proxyPassword) => onChange({ proxyPassword })}
              placeholder="Or env.NAME"
              error={wrong("password")}
            />
          </div>
        </>
      )}
    </>
  );
}
