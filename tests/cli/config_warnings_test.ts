/** Which paths others should not read or change. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  guardedConfig,
  guardedData,
  guardedFiles,
  guardedPlugins,
  warnExposedPaths,
  warnMisspelledVariables,
} from "../../src/cli/config_warnings.ts";
import type { AnyOptionFields } from "../../src/config/field.ts";
import { listenToLog } from "../../src/log/configure.ts";

const FIELDS = {
  configFile: {},
  accessKey: { secret: "all" },
  auth: {},
  header: {},
} as unknown as AnyOptionFields;

type Collected = Parameters<typeof guardedConfig>[1];

function configOf(
  path: unknown,
  fileValues: Readonly<Record<string, string | readonly string[]>> = {},
) {
  const values = new Map([["config-file", { raw: path }]]);
  const given = new Map(
    Object.entries(fileValues).map(([name, raw]) => [name, { raw }]),
  );
  return guardedConfig(FIELDS, {
    values,
    fileValues: given,
  } as unknown as Collected);
}

Deno.test("a configuration file is secret when an option or a value in it is", () => {
  const plain = { what: "configuration file", path: "a.yaml", isSecret: false };
  const secret = {
    what: "configuration file, which has secrets",
    path: "a.yaml",
    isSecret: true,
  };
  assert.deepEqual(configOf("a.yaml"), [plain]);
  assert.deepEqual(configOf("a.yaml", { auth: "x" }), [plain]);
  assert.deepEqual(configOf("a.yaml", { "access-key": "x" }), [secret]);
  assert.deepEqual(
    configOf("a.yaml", { header: ["a=1", "password=2"] }),
    [secret],
  );
  assert.deepEqual(configOf(undefined), []);
});

async function folderOf(...names: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const name of names) await Deno.writeTextFile(join(folder, name), "");
  await Deno.mkdir(join(folder, "inside"));
  return folder;
}

Deno.test("files of a data directory are secret by their names", async () => {
  const secret = ["a.db", "a.db-shm", "a.db-wal", "key.pem", "tls-key2.pem"];
  const plain = ["a.txt", "ca.pem", "key.txt", "keys.d.pem"];
  const folder = await folderOf(...secret, ...plain);
  const [own, ...files] = await guardedData(folder);
  assert.deepEqual(own, {
    what: "data directory",
    path: folder,
    isSecret: true,
  });
  const named = (names: readonly string[]) =>
    names.map((name) => join(folder, name)).toSorted();
  assert.deepEqual(
    files.filter(({ isSecret }) => isSecret).map(({ path }) => path),
    named(secret),
  );
  assert.deepEqual(
    files.filter(({ isSecret }) => !isSecret).map(({ path }) => path),
    named(plain),
  );
  for (const { what, isSecret } of files) {
    assert.equal(what.endsWith(", which has secrets"), isSecret);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a folder that is not there has no files", async () => {
  assert.equal((await guardedData("/nowhere/at/all")).length, 1);
});

Deno.test("plugins are guarded with their folders, objects are not", async () => {
  const folder = await folderOf("b.ts", "a.ts");
  const paths = await guardedPlugins({
    directories: [folder],
    plugins: [{ use: "./c.ts" }, { use: new URL("file:///d.ts") }, { use: {} }],
  });
  assert.deepEqual(paths.map(({ what }) => what), [
    ...["folder of plugins", "plugin", "plugin", "plugin", "plugin"],
  ]);
  assert.deepEqual(paths.slice(0, 3).map(({ path }) => path), [
    ...[folder, join(folder, "a.ts"), join(folder, "b.ts")],
  ]);
  assert.equal(paths.at(-1)?.path, "/d.ts");
  assert.deepEqual(await guardedPlugins({}), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("only sources that are paths are guarded", () => {
  const sources = [
    ...["a.pem", undefined, "-", "data:x", "http://a/", "https://a/"],
    "file:///b.pem",
  ];
  assert.deepEqual(guardedFiles("key", sources, true), [
    { what: "key", path: "a.pem", isSecret: true },
    { what: "key", path: "/b.pem", isSecret: true },
  ]);
  assert.equal(guardedFiles("certificate", ["a"])[0]?.isSecret, false);
});

Deno.test("a misspelled variable is named, with the right one", () => {
  const lines: string[] = [];
  const variables: Readonly<Record<string, string>> = {
    SALLYPORT_ACCES_KEY: "x",
    SALLYPORT_AUTH: "x",
  };
  warnMisspelledVariables(FIELDS, {
    environment: (name) => variables[name],
    printError: (line: string) => void lines.push(line),
  });
  assert.deepEqual(lines, [
    "Ignoring SALLYPORT_ACCES_KEY: no such option, did you mean " +
    '"SALLYPORT_ACCESS_KEY"?',
  ]);
});

Deno.test("without modes, the log says that an access list decides, and how to set it", async () => {
  const lines: string[] = [];
  await using _log = await listenToLog((line) => lines.push(line));
  const paths = [
    { what: "data directory", path: "C:\\data", isSecret: true },
    { what: "plugin", path: "C:\\plugin.ts" },
  ];
  await warnExposedPaths(paths, { hasFileModes: false });

  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? "",
    /\[WARN\] the folder's access list decides who reads it what="data directory" path="?C:\\+data"? command="icacls /,
  );
});
