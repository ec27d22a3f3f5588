// The section Security: the login of this page and of the management API, and its sessions.
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { StatusDot } from "../../parts/status.tsx";
import { toast } from "../../parts/toast.tsx";
import { afterSettings } from "./drafts.ts";
import type { SectionBody } from "./page.tsx";
import { Section, SettingList } from "./section.tsx";
import type { Setting } from "./settings-form.ts";

interface LoginState {
  readonly is_auth_enabled: boolean;
  readonly has_valid_token: boolean;
}

/** Members that the form of the login writes together, so that half a login is never saved. */
const BY_FORM = /^auth_config\.(?:is_enabled|admin_username|admin_password)$/;

export function Security({ settings }: SectionBody) {
  const login = useResource<LoginState>("/api/session/is-auth-enabled");
  const isLocked = settings.some(({ locked }) => locked !== undefined);
  return (
    <Section
      id="security"
      title="Security"
      lead={
        <>
          Who may open these pages and call the management API. <a href="/docs/security">How it is guarded</a>
        </>
      }
    >
      <Loaded of={login} failed="The state of the login could not be read.">
        {(found) => (
          <>
            <LoginStatus login={found} />
            {found.has_valid_token && <Sessions />}
            {!isLocked && <LoginForm login={found} name={nameIn(settings)} />}
          </>
        )}
      </Loaded>
      <SettingList settings={isLocked ? settings : settings.filter(({ path }) => !BY_FORM.test(path))} />
    </Section>
  );
}

function nameIn(settings: readonly Setting[]): string {
  const found = settings.find(({ path }) => path === "auth_config.admin_username")?.value;
  return typeof found === "string" ? found : "";
}

function LoginStatus({ login }: { readonly login: LoginState }) {
  return login.is_auth_enabled ? (
    <StatusDot tone="good">A login is set</StatusDot>
  ) : (
    <StatusDot tone="warn">No login: whoever reaches this address from this machine may change everything</StatusDot>
  );
}

async function leave(path: string): Promise<void> {
  try {
    await send("POST", path, {});
    location.assign("/login");
  } catch (error) {
    toast({ text: toApiError(error).message, tone: "bad" });
  }
}

async function leaveEverywhere(): Promise<void> {
  const text = "Every browser and script that is logged in has to log in again, this one too.";
  if (await confirm({ title: "Sign out everywhere?", text, act: "Sign out everywhere" }))
    await leave("/api/session/logout-everywhere");
}

function Sessions() {
  return (
    <div class="row">
      <Button icon="signout" onClick={() => leave("/api/session/logout")}>
        Sign out
      </Button>
      <Button kind="danger" onClick={leaveEverywhere}>
        Sign out everywhere
      </Button>
    </div>
  );
}

function LoginForm({ login, name }: { readonly login: LoginState; readonly name: string }) {
  const [username, setUsername] = useState(name);
  const [password, setPassword] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await setLogin(username, password);
      setPassword("");
      toast({
        text: login.is_auth_enabled ? "The login is changed." : "The login is set; you are logged in.",
        tone: "good",
      });
    } catch (failure) {
      setError(toApiError(failure));
    }
    setBusy(false);
  };
  const switchOff = async () => {
    const text =
      "Whoever reaches this address from this machine may then change everything. Name and password are kept.";
    if (!(await confirm({ title: "Switch the login off?", text, act: "Switch off" }))) return;
    try {
      await send("PATCH", "/api/settings", { "auth_config.is_enabled": false });
      await afterSettings();
    } catch (failure) {
      setError(toApiError(failure));
    }
  };
  const isOnField = error?.param?.startsWith("auth_config.") === true;
  return (
    <form class="stack settings-form" onSubmit={save}>
      <div class="grid">
        <TextField
          label="User name"
          value={username}
          onInput={setUsername}
          autoComplete="username"
          required
          error={fieldError(error, "auth_config.admin_username")}
          hint={<code>auth_config.admin_username</code>}
        />
        <TextField
          label={login.is_auth_enabled ? "New password" : "Password"}
          type="password"
          value={password}
          onInput={setPassword}
          autoComplete="new-password"
          required
          error={fieldError(error, "auth_config.admin_password", "auth_config.is_enabled")}
          hint={<code>auth_config.admin_password</code>}
        />
      </div>
      {error !== null && !isOnField && <ErrorPanel what="The login was not changed." error={error} />}
      <div class="row">
        <Button type="submit" kind="primary" busy={isBusy}>
          {login.is_auth_enabled ? "Change the login" : "Set the login"}
        </Button>
        {login.is_auth_enabled && (
          <Button kind="danger" onClick={switchOff}>
            Switch the login off
          </Button>
        )}
      </div>
    </form>
  );
}

/** Who sets a login is logged in by it at once, so that the page stays open. */
async function setLogin(username: string, password: string): Promise<void> {
  await send("PATCH", "/api/settings", {
    "auth_config.is_enabled": true,
    "auth_config.admin_username": username.trim(),
    "auth_config.admin_password": password,
  });
  await send("POST", "/api/session/login", { username: username.trim(), password }, { stay: true });
  await afterSettings();
}
