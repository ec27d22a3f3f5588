// The page of the setup link: the token that the gateway printed, then the first admin password.
import { useEffect, useState } from "preact/hooks";
import { get, send } from "../../api/client.ts";
import { type ApiError, fieldError, toApiError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { Entrance } from "../../parts/entrance.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { TextField } from "../../parts/field.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Note } from "../../parts/status.tsx";

const HEADER = "x-bifrost-setup-token";
const SHORTEST = 8;

type Step =
  | { readonly type: "checking" }
  | { readonly type: "token"; readonly error: ApiError | null }
  /** `token` is empty on the gateway's own machine, which needs none. */
  | { readonly type: "password"; readonly token: string };

/** The token of a setup link stands behind the #, which browsers send to nobody; it leaves the address at once. */
function tokenOfLink(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  if (token !== "") history.replaceState(history.state, "", location.pathname);
  return token;
}

export function Page() {
  const [step, setStep] = useState<Step>({ type: "checking" });
  const check = async (token: string, isFirst: boolean) => {
    try {
      await get("/api/ui/state", { stay: true, headers: token === "" ? {} : { [HEADER]: token } });
      setStep({ type: "password", token });
    } catch (failure) {
      const error = toApiError(failure);
      setStep({ type: "token", error: isFirst && token === "" && error.status === 401 ? null : error });
    }
  };
  useEffect(() => void check(tokenOfLink(), true), []);
  return (
    <Entrance title="Set the admin password">
      {step.type === "checking" && <Skeleton lines={4} />}
      {step.type === "token" && <TokenForm error={step.error} onToken={(token) => check(token, false)} />}
      {step.type === "password" && (
        <PasswordForm token={step.token} onRefused={(error) => setStep({ type: "token", error })} />
      )}
    </Entrance>
  );
}

interface TokenFacts {
  readonly error: ApiError | null;
  readonly onToken: (token: string) => Promise<void>;
}

function TokenForm({ error, onToken }: TokenFacts) {
  const [token, setToken] = useState("");
  const [isBusy, setBusy] = useState(false);
  const isWrong = error?.status === 401;
  const go = async () => {
    setBusy(true);
    await onToken(token.trim());
    setBusy(false);
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && token.trim() !== "") void go();
      }}
    >
      <TextField
        label="Setup token"
        type="password"
        mono
        autoFocus
        required
        value={token}
        onInput={setToken}
        error={isWrong ? "This is not the token of this start of the gateway." : undefined}
        hint="No admin password is set, and this gateway can be reached from other machines."
      />
      {error !== null && !isWrong && <ErrorPanel what="The token was not checked." error={error} />}
      <Button kind="primary" type="submit" busy={isBusy} disabled={token.trim() === ""}>
        Go on
      </Button>
      <Note tone="plain">
        <p>Where to find it: in what the gateway printed at its start, behind #token= of the setup link.</p>
        <p class="soft">
          In a container: its log. As a service: its journal. Where a token was configured, it is that one
          (BIFROST_SETUP_TOKEN, or setup_token in the file).
        </p>
      </Note>
    </form>
  );
}

interface PasswordFacts {
  readonly token: string;
  readonly onRefused: (error: ApiError) => void;
}

function PasswordForm({ token, onRefused }: PasswordFacts) {
  const [username, setUsername] = useState("admin");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [isTried, setTried] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isShort = [...password].length < SHORTEST;
  const isOther = again !== password;
  const save = async () => {
    setTried(true);
    if (isShort || isOther || isBusy) return;
    setBusy(true);
    setError(null);
    try {
      const headers: Record<string, string> = token === "" ? {} : { [HEADER]: token };
      await send("POST", "/api/session/setup", { username: username.trim(), password }, { stay: true, headers });
      location.assign("/");
    } catch (failure) {
      const told = toApiError(failure);
      setBusy(false);
      if (told.status === 401) onRefused(told);
      else setError(told);
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        required
        value={username}
        onInput={setUsername}
        error={fieldError(error, "username", "admin_username")}
      />
      <TextField
        label="New password"
        name="password"
        type="password"
        autoComplete="new-password"
        autoFocus
        required
        value={password}
        onInput={setPassword}
        error={
          fieldError(error, "password", "admin_password") ??
          (isTried && isShort ? `It needs at least ${SHORTEST} characters.` : undefined)
        }
        hint={`At least ${SHORTEST} characters.`}
      />
      <TextField
        label="The same again"
        name="again"
        type="password"
        autoComplete="new-password"
        required
        value={again}
        onInput={setAgain}
        error={isTried && isOther ? "The two passwords differ." : undefined}
      />
      {error !== null && error.param === null && (
        <ErrorPanel
          what="The password was not set."
          error={error}
          remedy={error.status === 409 ? <a href="/login">Go to the login</a> : undefined}
        />
      )}
      <Button kind="primary" type="submit" busy={isBusy}>
        Set it and log in
      </Button>
    </form>
  );
}
