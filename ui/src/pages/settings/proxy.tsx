// The section Proxy: the way out of the whole gateway.
import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { refresh, useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Select } from "../../parts/select.tsx";
import { Note } from "../../parts/status.tsx";
import { Switch } from "../../parts/switch.tsx";
import { toast } from "../../parts/toast.tsx";
import type { SectionBody } from "./page.tsx";
import { Section } from "./section.tsx";

interface Proxy {
  readonly enabled: boolean;
  readonly type: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly no_proxy: string;
  readonly timeout: number;
  readonly skip_tls_verify: boolean;
  readonly enable_for_inference: boolean;
  readonly enable_for_api: boolean;
  readonly ca_cert_pem?: string;
}

const PATH = "/api/proxy-config";
const TYPES = [
  { value: "http", label: "HTTP" },
  { value: "socks5", label: "SOCKS5" },
];

export function ProxySection({ state }: SectionBody) {
  const proxy = useResource<Proxy>(PATH);
  return (
    <Section
      id="proxy"
      title="Proxy"
      lead={
        <>
          The way out of the whole gateway; a provider may have its own. <code>proxy_config</code> of the management
          API.
        </>
      }
    >
      <Loaded of={proxy} failed="The proxy could not be read.">
        {(found) => <ProxyForm stored={found} isLocked={state?.config_locked === true} />}
      </Loaded>
    </Section>
  );
}

function ProxyForm({ stored, isLocked }: { readonly stored: Proxy; readonly isLocked: boolean }) {
  const [form, setForm] = useState(stored);
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const text = JSON.stringify(stored);
  useEffect(() => setForm(stored), [text]);
  const change = (members: Partial<Proxy>) => setForm({ ...form, ...members });
  if (isLocked)
    return (
      <Note tone="plain">
        {stored.enabled ? `On, by ${stored.url}.` : "No proxy is set."} It is kept in the configuration store, which is
        switched off: set <code>proxy_config</code> of a provider in the file.
      </Note>
    );
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await send("PUT", PATH, form);
      await refresh(PATH);
      toast({ text: "The proxy is saved and in force.", tone: "good" });
    } catch (failure) {
      setError(toApiError(failure));
    }
    setBusy(false);
  };
  const isOnField = error !== null && error.param !== null;
  return (
    <form class="stack settings-form" onSubmit={save}>
      <div class="stack-tight">
        <Switch label="Use the proxy" on={form.enabled} onChange={(enabled) => change({ enabled })} />
        <Switch
          label="For calls of models"
          on={form.enable_for_inference}
          onChange={(on) => change({ enable_for_inference: on })}
        />
        <Switch
          label="For the gateway's own calls"
          on={form.enable_for_api}
          onChange={(on) => change({ enable_for_api: on })}
        />
        <Switch
          label="Take any certificate of the proxy"
          on={form.skip_tls_verify}
          onChange={(on) => change({ skip_tls_verify: on })}
        />
      </div>
      <div class="grid">
        <Select
          label="Kind"
          value={form.type}
          options={TYPES}
          onChange={(type) => change({ type })}
          error={fieldError(error, "type")}
        />
        <TextField
          label="Address"
          value={form.url}
          onInput={(url) => change({ url })}
          placeholder="http://proxy.internal:3128"
          mono
          error={fieldError(error, "url")}
        />
        <TextField
          label="User name"
          optional
          value={form.username}
          onInput={(username) => change({ username })}
          error={fieldError(error, "username")}
        />
        <TextField
          label="Password"
          optional
          type="password"
          autoComplete="new-password"
          value={form.password}
          onInput={(password) => change({ password })}
          error={fieldError(error, "password")}
        />
        <TextField
          label="Reached directly"
          optional
          value={form.no_proxy}
          onInput={(no_proxy) => change({ no_proxy })}
          placeholder="*.internal, 10.0.0.0/8"
          mono
          error={fieldError(error, "no_proxy")}
        />
        <TextField
          label="Longest wait for a connection"
          unit="s"
          value={String(form.timeout)}
          onInput={(value) => change({ timeout: Number(value) || 0 })}
          error={fieldError(error, "timeout")}
        />
      </div>
      <TextField
        label="Authorities of the proxy"
        optional
        hint="PEM"
        rows={3}
        mono
        value={form.ca_cert_pem ?? ""}
        onInput={(ca_cert_pem) => change({ ca_cert_pem })}
        error={fieldError(error, "ca_cert_pem")}
      />
      {error !== null && !isOnField && <ErrorPanel what="The proxy was not changed." error={error} />}
      <div class="row">
        <Button type="submit" kind="primary" busy={isBusy} disabled={JSON.stringify(form) === text}>
          Save the proxy
        </Button>
      </div>
    </form>
  );
}
