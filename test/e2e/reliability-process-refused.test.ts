// Stores that a start finds broken, foreign, of another version or key: refused with path, cause and remedy, and left as they are.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { runToEnd } from "../support/run-gateway.ts";
import { configOf, removeTemplates, storeOf, use, used } from "../support/used-app-dir.ts";

after(removeTemplates);

/** Every file of a folder and what is in it. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true }).map(String);
  const hashed = files
    .filter((file) => statSync(path.join(folder, file)).isFile())
    .map(
      (file) =>
        [
          file,
          createHash("sha256")
            .update(readFileSync(path.join(folder, file)))
            .digest("hex"),
        ] as const,
    );
  return Object.fromEntries(hashed.toSorted());
}

interface Harm {
  readonly name: string;
  /** Of the start before the harm, and of the one after it. */
  readonly keys?: readonly [Record<string, string>, Record<string, string>];
  readonly harm: (appDir: string) => void | Promise<void>;
  /** What stands at the terminal: the cause and the remedy. */
  readonly told: readonly RegExp[];
  readonly place?: string;
}

const KEY = "DRAWBRIDGE_ENCRYPTION_KEY";

function setVersion(file: string, version: number): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

function replace(appDir: string, content: string | Buffer): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(storeOf(appDir) + end, { force: true });
  writeFileSync(storeOf(appDir), content, { mode: 0o600 });
}

const HARMS: readonly Harm[] = [
  {
    name: "another configured encryption key",
    keys: [{ [KEY]: "the right one" }, { [KEY]: "another one" }],
    harm: () => {},
    told: [/not the one its secrets were sealed with/, /DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS/, /Nothing was changed/],
  },
  {
    name: "another key, and a file that changed meanwhile",
    keys: [{ [KEY]: "the right one" }, { [KEY]: "another one" }],
    harm: (appDir) => writeFileSync(path.join(appDir, "config.json"), configOf("groq")),
    told: [/not the one its secrets were sealed with/, /Nothing was changed/],
  },
  {
    name: "no key where one was configured",
    keys: [{ [KEY]: "the right one" }, {}],
    harm: () => {},
    told: [/none is configured now/, /Set DRAWBRIDGE_ENCRYPTION_KEY/],
  },
  {
    name: "a generated key that is gone",
    harm: (appDir) => rmSync(path.join(appDir, "config.db.key")),
    told: [/config\.db\.key is missing/, /Restore that file from a backup/],
  },
  {
    name: "a generated key that is damaged",
    harm: (appDir) => writeFileSync(path.join(appDir, "config.db.key"), "no key"),
    told: [/is no encryption key of this program/, /backup/],
    place: "config.db.key",
  },
  {
    name: "the generated key of another store",
    harm: async (appDir) => {
      const other = await use({});
      copyFileSync(path.join(other, "config.db.key"), path.join(appDir, "config.db.key"));
      rmSync(other, { recursive: true });
    },
    told: [/not the one its secrets were sealed with/, /backup/],
  },
  {
    name: "a store of a newer version",
    harm: (appDir) => setVersion(storeOf(appDir), 99),
    told: [/newer version \(store version 99, this program knows \d+\)/, /start that version, or move the file away/],
  },
  {
    name: "a database of another program",
    harm(appDir) {
      replace(appDir, "");
      const database = new DatabaseSync(storeOf(appDir));
      database.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('dear diary')");
      database.close();
    },
    told: [/database of another program/, /name another file or move it away/],
  },
  {
    name: "no database at all",
    harm: (appDir) => replace(appDir, "no database at all ".repeat(500)),
    told: [/not a database/, /left as it is/, /backup/],
  },
  {
    name: "a page of garbage in the middle",
    harm(appDir) {
      const bytes = readFileSync(storeOf(appDir));
      bytes.fill(0x41, 4096, 3 * 4096);
      replace(appDir, bytes);
    },
    told: [/damaged/, /left as it is/, /backup/],
  },
  {
    name: "a store that was cut off",
    harm: (appDir) => truncateSync(storeOf(appDir), 9_000),
    told: [/malformed|damaged/, /left as it is/, /backup/],
  },
  {
    name: "a store that was emptied",
    harm: (appDir) => replace(appDir, ""),
    told: [/is empty, which a store never is/, /backup/],
  },
  {
    name: "a directory in its place",
    harm(appDir) {
      replace(appDir, "");
      rmSync(storeOf(appDir));
      mkdirSync(storeOf(appDir));
    },
    told: [/is a directory/, /name a file/],
  },
  {
    name: "a broken file beside a good store",
    harm: (appDir) => writeFileSync(path.join(appDir, "config.json"), '{\n  "providers": {"openai": {"keys": [}\n}'),
    told: [/config\.json:2:\d+/, /\n {2}2 \|/],
    place: "config.json",
  },
];

describe("refused at the start, with path, cause and remedy, and not a byte is changed", () => {
  for (const { name, harm, told, keys, place = "config.db" } of HARMS)
    test(name, async () => {
      const [first, second] = keys ?? [{}, {}];
      const appDir = await used(first);
      await harm(appDir);
      const before = contentOf(appDir);
      const exports = Object.entries(second).map(([variable, value]) => `export ${variable}='${value}'`);
      const { code, output } = await runToEnd({ appDir, flags: ["-port", "0"], shell: [":", ...exports].join("; ") });
      assert.equal(code, 1, output);
      for (const words of told) assert.match(output, words);
      assert.ok(output.includes(place), output);
      assert.doesNotMatch(output, /canary|the right one|another one|\n\s+at |node:/);
      assert.deepEqual(contentOf(appDir), before);
      rmSync(appDir, { recursive: true });
    });
});
