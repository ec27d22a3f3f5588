// The answer of /health in each state that the loop can know of.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HealthFacts, healthAnswer } from "./health.ts";

const WELL: HealthFacts = { logStore: { ok: true, reason: "" }, controlAlive: true, draining: false };

describe("the health answer", () => {
  it("is 200 while everything works", () => {
    const { status, body } = healthAnswer(WELL);
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body), {
      status: "ok",
      components: { db_pings: "ok", config_store: "disabled", logs_store: "ok" },
    });
  });

  it("says that pings are disabled where there is no store", () => {
    const { status, body } = healthAnswer({ ...WELL, logStore: null });
    assert.equal(status, 200);
    assert.equal(JSON.parse(body).components.db_pings, "disabled");
  });

  it("is 503 with the reason when the store cannot be written", () => {
    const { status, body } = healthAnswer({ ...WELL, logStore: { ok: false, reason: "database or disk is full" } });
    assert.equal(status, 503);
    assert.equal(JSON.parse(body).problems.logs_store, "database or disk is full");
    assert.equal(JSON.parse(body).components.db_pings, "error");
  });

  it("tells the system's words without the paths of this machine", () => {
    for (const [reason, told] of [
      ["EACCES: permission denied, mkdir '/srv/gate way/logs'", "EACCES: permission denied"],
      ["ENOTDIR: not a directory, open '/srv/logs/deep/logs.db'", "ENOTDIR: not a directory"],
      ["/srv/gateway/logs.db: file is not a database", "file is not a database"],
      ["cannot open C:\\data\\logs.db (the disk is full)", "cannot open (the disk is full)"],
      ["database or disk is full; read/write again later", "database or disk is full; read/write again later"],
    ] as const) {
      const { body } = healthAnswer({ ...WELL, logStore: { ok: false, reason } });
      assert.equal(JSON.parse(body).problems.logs_store, told);
    }
  });

  it("is 503 while the control thread is down, and while the process drains", () => {
    const broken = healthAnswer({ ...WELL, configStore: { ok: false, reason: "disk full" } });
    assert.equal(broken.status, 503);
    assert.equal(JSON.parse(broken.body).problems.config_store, "disk full");
    assert.equal(healthAnswer({ ...WELL, controlAlive: false }).status, 503);
    assert.equal(healthAnswer({ ...WELL, draining: true }).status, 503);
  });
});
