// The login: what proves it, how guessing is slowed down without locking anybody out, how sessions begin and end.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredSession } from "../core/config-store.ts";
import type { LoginCredentials, LoginSettings, LoginState } from "../core/login.ts";
import { hashPassword } from "../lib/password-hash.ts";
import { Login } from "./login.ts";
import { addressGroup, FailureCounter } from "./login-guard.ts";
import { type SessionStore, Sessions } from "./sessions.ts";

const HOME = "192.0.2.1";

/** Keeps sessions as the store does; `broken`: it cannot be written or read. */
class FakeStore implements SessionStore {
  readonly kept = new Map<string, StoredSession>();
  broken = false;
  async saveSession(session: StoredSession): Promise<void> {
    this.#check();
    this.kept.set(session.tokenHash, session);
  }
  async findSession(tokenHash: string): Promise<StoredSession | null> {
    this.#check();
    return this.kept.get(tokenHash) ?? null;
  }
  async extendSession(tokenHash: string, expiresAt: number): Promise<void> {
    this.#check();
    const session = this.kept.get(tokenHash);
    if (session !== undefined) this.kept.set(tokenHash, { ...session, expiresAt });
  }
  async removeSession(tokenHash: string): Promise<void> {
    this.#check();
    this.kept.delete(tokenHash);
  }
  async removeSessions(): Promise<void> {
    this.#check();
    this.kept.clear();
  }
  #check(): void {
    if (this.broken) throw new Error("disk full");
  }
}

function setting(password: string, more: Partial<LoginSettings> = {}): LoginSettings {
  return { username: "admin", password, opensInference: false, ...more };
}

async function house(settings: LoginSettings | null = setting("right"), store: FakeStore | null = new FakeStore()) {
  const state = { settings, time: 1_700_000_000_000, told: [] as LoginState[], guessing: [] as string[] };
  const now = () => state.time;
  const login = new Login({
    settings: () => state.settings,
    isOpenToOthers: false,
    setupToken: () => ({ token: "t", place: "" }),
    openRoutes: () => [],
    sessions: new Sessions({ store: () => store, now, onTrouble() {} }),
    onGuessing: (address) => state.guessing.push(address),
    tell: (told) => state.told.push(told),
    now,
  });
  await login.refresh();
  const tries = async (password: string, count: number, username = "admin", address = HOME) => {
    const waits: number[] = [];
    for (let n = 0; n < count; n++) waits.push((await login.provePassword(username, password, address)).retryAfter);
    return waits;
  };
  const isRight = async (password: string, address = HOME, username = "admin") =>
    (await login.provePassword(username, password, address)).proven;
  return { state, login, tries, isRight, store };
}

const bearer = (token: string): LoginCredentials => ({
  authorization: `Bearer ${token}`,
  cookies: [],
  setupToken: null,
});
const basic = (text: string, scheme = "Basic", encoding: BufferEncoding = "utf8"): LoginCredentials => ({
  authorization: `${scheme} ${Buffer.from(text, encoding).toString("base64")}`,
  cookies: [],
  setupToken: null,
});

describe("passwords", () => {
  it("are taken in clear and as their hash, in every way to send them", async () => {
    for (const password of ["right", await hashPassword("right")]) {
      const { login } = await house(setting(password));
      for (const credentials of [basic("admin:right"), basic("admin:right", "bearer"), basic("admin:right", "BASIC")])
        assert.equal((await login.prove(credentials, HOME)).proven, true);
      for (const credentials of [
        basic("admin:wrong"),
        basic("Admin:right"),
        basic("admin"),
        bearer("x"),
        basic(":right"),
      ])
        assert.equal((await login.prove(credentials, HOME)).proven, false, String(credentials.authorization));
    }
  });

  it("with colons and letters of every kind, in either encoding", async () => {
    const { login } = await house(setting("a:b\u00e9"));
    assert.equal((await login.prove(basic("admin:a:b\u00e9"), HOME)).proven, true);
    assert.equal((await login.prove(basic("admin:a:b\u00e9", "Basic", "latin1"), HOME)).proven, true);
  });

  it("that cannot be resolved let nobody in, not even with an empty one", async () => {
    const { isRight, login } = await house(setting(""));
    assert.equal(await isRight(""), false);
    assert.equal(login.mode, "login");
  });

  it("a key of another kind behind Bearer is no guess", async () => {
    const { login, isRight } = await house();
    for (let n = 0; n < 20; n++) {
      const key = Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 37 + n * 11 + 58) % 256)).toString("base64url");
      assert.deepEqual(await login.prove(bearer(key), HOME), { proven: false, until: 0, retryAfter: 0 });
    }
    assert.equal(await isRight("right"), true);
  });
});

describe("guessing", () => {
  it("is answered with a wait from the fifth failure within a minute on, and goes on after it", async () => {
    const { tries, isRight, state } = await house();
    assert.deepEqual(await tries("wrong", 4), [0, 0, 0, 0]);
    assert.deepEqual(await tries("wrong", 3), [60, 60, 60]);
    assert.deepEqual(state.guessing, [HOME], "the operator is told once");
    assert.equal(await isRight("right"), false, "not even the right one");
    state.time += 30_000;
    assert.deepEqual(await tries("wrong", 1), [30]);
    state.time += 30_000;
    assert.equal(await isRight("right"), true);
  });

  it("is counted for each name and address by itself, and an IPv6 network is one address", async () => {
    const { tries, isRight } = await house();
    await tries("wrong", 9, "admin", "2001:db8:1:2::1");
    assert.deepEqual(await tries("wrong", 1, "admin", "2001:db8:1:2:ffff::9"), [60]);
    assert.equal(await isRight("right", "2001:db8:1:3::1"), true);
    assert.equal(await isRight("right", "192.0.2.77"), true);
    await tries("wrong", 9, "root");
    assert.equal(await isRight("right"), true);
  });

  it("with ever new names is bounded for the address", async () => {
    const { login } = await house();
    let last = 0;
    for (let n = 0; n < 61; n++) last = (await login.provePassword(`user${n}`, "x", HOME)).retryAfter;
    assert.ok(last > 0);
  });

  it("at the same time does not outrun the count", async () => {
    const { login } = await house();
    const tries = Array.from({ length: 50 }, (_, n) => login.provePassword("admin", `guess ${n}`, HOME));
    const waits = (await Promise.all(tries)).filter(({ retryAfter }) => retryAfter === 0);
    assert.ok(waits.length <= 5, `${waits.length} were checked`);
  });

  it("locks out nobody: sessions and credentials proven from that address go on", async () => {
    const { login, tries, isRight } = await house();
    const token = await login.openSession();
    assert.equal(await isRight("right"), true);
    await tries("wrong", 20);
    assert.equal(await isRight("right"), true);
    assert.equal((await login.prove(basic("admin:right"), HOME)).proven, true);
    assert.equal((await login.prove(bearer(token), HOME)).proven, true);
    assert.equal(await isRight("right", "198.51.100.9"), true, "and another address was never slowed down");
    // proven at another address is not proven here
    await tries("wrong", 20, "admin", "198.51.100.10");
    assert.equal(await isRight("right", "198.51.100.10"), false);
  });

  it("the same credentials many times at once are one check and no failure", async () => {
    const { login } = await house();
    const proofs = await Promise.all(Array.from({ length: 60 }, () => login.provePassword("admin", "right", HOME)));
    assert.ok(proofs.every(({ proven }) => proven));
  });

  it("costs the same for a name that nobody has", async () => {
    const { login, state } = await house();
    const time = async (username: string) => {
      state.time += 100_000;
      const began = performance.now();
      await login.provePassword(username, `x${state.time}`, HOME);
      return performance.now() - began;
    };
    await time("admin");
    await time("nobody");
    const [known, unknown] = [await time("admin"), await time("nobody")];
    assert.ok(unknown > known / 5, `${unknown} ms for an unknown name, ${known} ms for a known one`);
  });
});

describe("the memory of failures", () => {
  it("is bounded, keeps those that failed last, and survives a clock that is set back", () => {
    const counter = new FailureCounter(2, 3);
    for (let n = 0; n < 100; n++) counter.count(`key ${n}`, 1000);
    assert.equal(counter.size, 3);
    counter.count("a", 5_000_000);
    counter.count("a", 5_000_000);
    assert.equal(counter.wait("a", 5_000_000), 60_000);
    assert.equal(counter.wait("a", 1_000), 0);
  });

  it("takes back a try that did not fail", () => {
    const counter = new FailureCounter(2);
    counter.count("a", 1);
    counter.count("a", 2);
    counter.forgive("a", 2);
    assert.equal(counter.wait("a", 3), 0);
    counter.forgive("b", 2);
  });

  it("knows addresses by what belongs to one caller", () => {
    assert.equal(addressGroup("::ffff:192.0.2.1"), "192.0.2.1");
    assert.equal(addressGroup("192.0.2.1"), "192.0.2.1");
    assert.equal(addressGroup("2001:0DB8:0001:2::5"), addressGroup("2001:db8:1:2:3:4:5:6"));
    assert.equal(addressGroup("::1"), "0:0:0:0");
    assert.notEqual(addressGroup("fe80::1%eth0"), addressGroup("2001:db8::1"));
  });
});

describe("sessions", () => {
  it("end when they are closed, 12 hours after their last use, and after 30 days however much they are used", async () => {
    const { login, state } = await house();
    const [one, two, three] = [await login.openSession(), await login.openSession(), await login.openSession()];
    assert.ok((await login.sessionEnd(bearer(one))) > 0);
    await login.closeSessions(bearer(one));
    assert.equal(await login.sessionEnd(bearer(one)), 0);
    const hour = 3_600_000;
    const from = state.time;
    for (state.time += 12 * hour - 1; state.time < from + 30 * 24 * hour; state.time += 12 * hour - 1)
      assert.ok((await login.sessionEnd(bearer(two))) > state.time);
    assert.equal(await login.sessionEnd(bearer(two)), 0);
    assert.equal(await login.sessionEnd(bearer(three)), 0);
    const last = await login.openSession();
    state.time += 12 * hour;
    assert.equal(await login.sessionEnd(bearer(last)), 0);
  });

  it("end all together, wherever they were opened", async () => {
    const store = new FakeStore();
    const [here, there] = [await house(setting("right"), store), await house(setting("right"), store)];
    const tokens = [await here.login.openSession(), await there.login.openSession()];
    await here.login.closeEverySession();
    for (const token of tokens)
      for (const { login } of [here, there]) assert.equal(await login.sessionEnd(bearer(token)), 0);
    const token = await here.login.openSession();
    store.broken = true;
    await assert.rejects(here.login.closeEverySession());
    store.broken = false;
    assert.ok((await here.login.sessionEnd(bearer(token))) > 0);
  });

  it("stand in the store as hashes alone, and hold in another process with this login", async () => {
    const store = new FakeStore();
    const [first, second] = [await house(setting("right"), store), await house(setting("right"), store)];
    const token = await first.login.openSession();
    assert.ok(!JSON.stringify([...store.kept]).includes(token));
    assert.ok((await second.login.sessionEnd(bearer(token))) > 0);
    await second.login.closeSessions(bearer(token));
    assert.equal(await first.login.sessionEnd(bearer(token)), 0);
  });

  it("all end with a changed password or name, also those that a store brings back", async () => {
    for (const change of [setting("other"), setting("right", { username: "root" }), null]) {
      const { login, state, store } = await house();
      const token = await login.openSession();
      const kept = [...(store?.kept ?? [])];
      state.settings = change;
      await login.refresh();
      assert.equal(store?.kept.size, 0);
      for (const [hash, session] of kept) store?.kept.set(hash, session);
      assert.equal(await login.sessionEnd(bearer(token)), 0);
    }
  });

  it("stay with a change that is none of the password's", async () => {
    const { login, state } = await house();
    const token = await login.openSession();
    state.settings = setting("right", { opensInference: true });
    await login.refresh();
    assert.ok((await login.sessionEnd(bearer(token))) > 0);
    assert.deepEqual(state.told.at(-1), { mode: "login", closesInference: false });
  });

  it("are kept in memory while no store takes them", async () => {
    const store = new FakeStore();
    store.broken = true;
    for (const each of [store, null]) {
      const { login } = await house(setting("right"), each);
      const token = await login.openSession();
      assert.ok((await login.sessionEnd(bearer(token))) > 0);
    }
  });

  it("are proven to the loop for two seconds, and forgotten there when one is closed", async () => {
    const { login, state } = await house();
    const token = await login.openSession();
    const proof = await login.prove(bearer(token), HOME);
    assert.equal(proof.until, state.time + 2000);
    const before = state.told.length;
    await login.closeSessions(bearer(token));
    assert.equal(state.told.length, before + 1);
  });
});

describe("a login that is not known yet", () => {
  it("closes everything", async () => {
    const login = new Login({
      settings: () => null,
      isOpenToOthers: false,
      setupToken: () => ({ token: "t", place: "" }),
      openRoutes: () => [],
      sessions: new Sessions({ store: () => null, now: Date.now, onTrouble() {} }),
      onGuessing() {},
      tell() {},
      now: Date.now,
    });
    assert.equal(login.mode, "login");
    assert.equal(login.closesInference, true);
    assert.equal((await login.prove(basic("a:b"), HOME)).proven, false);
    await login.refresh();
    assert.equal(login.mode, "none");
    assert.equal(login.closesInference, false);
  });
});
