// The cache folder: the user's own or none, and nobody else's code is ever run out of it.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { cacheHome, openCacheFolder, useCompileCache } from "./compile-cache.ts";

const base = mkdtempSync(join(tmpdir(), "drawbridge-cache-"));
after(() => rmSync(base, { recursive: true }));

function emptyHome(name: string): string {
  const home = join(base, name);
  mkdirSync(home);
  return home;
}

test("the cache lies where the system keeps caches, and nowhere without a home", () => {
  assert.equal(cacheHome({}, "linux", "/home/u"), "/home/u/.cache");
  assert.equal(cacheHome({ XDG_CACHE_HOME: "/var/c" }, "linux", "/home/u"), "/var/c");
  assert.equal(cacheHome({ XDG_CACHE_HOME: "relative" }, "linux", "/home/u"), "/home/u/.cache");
  assert.equal(cacheHome({}, "darwin", "/Users/u"), "/Users/u/Library/Caches");
  assert.equal(cacheHome({ LOCALAPPDATA: "C:\\l" }, "win32", "C:\\u"), "C:\\l");
  for (const home of ["", "/", "/nonexistent"]) assert.equal(cacheHome({}, "linux", home), null);
});

test("the folder is made for its owner alone, and folders of other versions go", () => {
  const home = emptyHome("fresh");
  const older = openCacheFolder(home, "1.0.0") as string;
  writeFileSync(join(older, "code"), "old");
  const folder = openCacheFolder(home, "1.1.0") as string;
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(home, "drawbridge")).mode & 0o777, 0o700);
  assert.ok(!existsSync(older));
  writeFileSync(join(folder, "code"), "new");
  assert.equal(openCacheFolder(home, "1.1.0"), folder);
  assert.ok(existsSync(join(folder, "code")), "what is there already is used again");
});

test("a folder that others can write is not used", () => {
  const home = emptyHome("shared");
  const folder = openCacheFolder(home, "1.0.0") as string;
  chmodSync(folder, 0o777);
  assert.equal(openCacheFolder(home, "1.0.0"), null);
  chmodSync(folder, 0o700);
  chmodSync(join(home, "drawbridge"), 0o770);
  assert.equal(openCacheFolder(home, "1.0.0"), null);
});

test("a link to somewhere else is not followed", () => {
  const [home, elsewhere] = [emptyHome("linked"), emptyHome("elsewhere")];
  symlinkSync(elsewhere, join(home, "drawbridge"));
  assert.equal(openCacheFolder(home, "1.0.0"), null);
});

test("a file in its place, a home that is no folder: the start goes on without a cache", () => {
  const home = emptyHome("blocked");
  writeFileSync(join(home, "drawbridge"), "a file");
  for (const place of [home, join(home, "drawbridge", "deeper"), "/dev/null/home"]) {
    const environment: NodeJS.ProcessEnv = { HOME: "/nonexistent", XDG_CACHE_HOME: place };
    useCompileCache(environment);
    assert.equal(environment["NODE_COMPILE_CACHE"], undefined);
  }
});

test("what the user has decided about Node's cache stands", () => {
  for (const own of [{ NODE_COMPILE_CACHE: "/own" }, { NODE_DISABLE_COMPILE_CACHE: "1" }]) {
    const environment: NodeJS.ProcessEnv = { ...own, XDG_CACHE_HOME: emptyHome(Object.keys(own)[0] as string) };
    useCompileCache(environment);
    assert.equal(environment["NODE_COMPILE_CACHE"], (own as NodeJS.ProcessEnv)["NODE_COMPILE_CACHE"]);
    assert.ok(!existsSync(join(environment["XDG_CACHE_HOME"] as string, "drawbridge")));
  }
});
