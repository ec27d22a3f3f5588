// The page Log in: name and password, and back to where the reader was.
import { useState } from "preact/hooks";
import { get, send } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";
import { useResource } from "../../api/resource.ts";
import { queryValue } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Entrance } from "../../parts/entrance.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Note } from "../../parts/status.tsx";
import { returnPath } from "./return-path.ts";
import { useWait } from "./use-wait.ts";

interface LoginState {
  readonly is_auth_enabled: boolean;
  readonly has_valid_token: boolean;
  readonly setup_required: boolean;
}

export function Page() {
  const state = useResource<LoginState>("/api/session/is-auth-enabled");
  return (
    <Entrance title="Log in">
      <Loaded of={state} failed="The state of the login could not be read.">
        {(known) => <Content state={known} />}
      </Loaded>
    </Entrance>
  );
}

function Content({ state }: { readonly state: LoginState }) {
  if (state.setup_required)
    return (
      <Note tone="plain" action={<a href="/setup">Set a password</a>}>
        No admin password is set yet.
      </Note>
    );
  if (!state.is_auth_enabled)
    return (
      <Note tone="plain" action={<a href="/">Go to Home</a>}>
        No login is set. These pages are shown on the gateway's own machine: open http://localhost there, or come
        through an SSH tunnel.
      </Note>
    );
  if (state.has_valid_token)
    return (
      <Note tone="plain" action={<a href={returnPath(queryValue("return"), location.href)}>Go on</a>}>
        You are logged in.
      </Note>
    );
  return <LoginForm />;
}

function LoginForm() {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const wait = useWait(error);
  const logIn = async () => {
    setBusy(true);
    setError(null);
    try {
      await send("POST", "/api/session/login", { username, password }, { stay: true });
      // the login may be refused by a browser that keeps no cookies
      await get("/api/ui/state", { stay: true });
      location.assign(returnPath(queryValue("return"), location.href));
    } catch (failure) {
      setError(toApiError(failure));
      setBusy(false);
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && wait === 0) void logIn();
      }}
    >
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        autoFocus
        required
        value={username}
        onInput={setUsername}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onInput={setPassword}
      />
      {error !== null && <Refused error={error} wait={wait} />}
      <Button kind="primary" type="submit" busy={isBusy} disabled={wait > 0}>
        {wait > 0 ? `Log in, in ${wait} s` : "Log in"}
      </Button>
    </form>
  );
}

function Refused({ error, wait }: { readonly error: ApiError; readonly wait: number }) {
  if (error.code === "too_many_attempts")
    return (
      <div role="alert">
        <Note tone="warn">
          Too many failed logins from this address. {wait > 0 ? "Wait for the button below." : "You can try again now."}{" "}
          Open sessions and virtual keys are not affected.
        </Note>
      </div>
    );
  return <ErrorPanel what="You are not logged in." error={error} />;
}
