import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { listenToLog } from "../../../src/log/configure.ts";
import {
  type FileEvents,
  type WatchedChange,
  type WatchPlatform,
  watchPlugins,
} from "../../../src/plugin/host/watch_plugins.ts";
import { tempPlugins } from "../temp_plugins.ts";

/** An event of the system. */
type Event = Pick<Deno.FsEvent, "kind" | "paths" | "flag">;

/** Folders under `/var`, which is a link to `/private/var`, and what the system says about them. */
function platform(
  events: readonly Event[],
  { foldsCase = false, failure }: {
    readonly foldsCase?: boolean;
    readonly failure?: Error;
  } = {},
): WatchPlatform {
  let isFirst = true;
  return {
    foldsCase,
    realPath: (path) => join(resolve("/private"), path),
    watch(): FileEvents {
      const own = isFirst ? events : [];
      isFirst = false;
      return {
        close() {},
        async *[Symbol.asyncIterator]() {
          yield* own;
          if (failure !== undefined) throw await Promise.resolve(failure);
        },
      };
    },
  };
}

const WATCHED = {
  directories: [resolve("/var/plugins")],
  files: [],
  configFile: undefined,
};

async function changesOf(
  paths: Parameters<typeof watchPlugins>[0],
  here: WatchPlatform,
): Promise<readonly WatchedChange[]> {
  const changes: WatchedChange[] = [];
  await using _watch = watchPlugins(paths, (each) => changes.push(each), here);
  return changes;
}

function modified(...paths: readonly string[]): Event {
  return { kind: "modify", paths: paths.map((each) => resolve(each)) };
}

/** What the system names, and what it is. */
const EVENTS: readonly (readonly [string, WatchedChange | undefined])[] = [
  ["/var/plugins/a.ts", { isPlugin: true }],
  ["/private/var/plugins/a.ts", { isPlugin: true }],
  ["/private/var/plugins/lib/b.json", { isImported: true }],
  ["/private/var/plugins/_lib.ts", { isImported: true }],
  ["/private/var/plugins/notes.txt", undefined],
  ["/private/var/other/a.ts", undefined],
];

for (const [path, expected] of EVENTS) {
  Deno.test(`a change of ${path} is ${JSON.stringify(expected)}`, async () => {
    const changes = await changesOf(WATCHED, platform([modified(path)]));
    assert.deepEqual(changes, expected === undefined ? [] : [expected]);
  });
}

Deno.test("single files and the configuration are known by their real paths too", async () => {
  const paths = {
    directories: [],
    files: [resolve("/var/one.ts")],
    configFile: resolve("/var/conf/sallyport.yaml"),
  };
  const events = [
    modified("/private/var/one.ts"),
    modified("/private/var/two.ts"),
    modified("/private/var/conf/sallyport.yaml"),
    modified("/private/var/conf/..data"),
  ];
  assert.deepEqual(await changesOf(paths, platform(events)), [
    { isPlugin: true },
    { isConfiguration: true },
    { isConfiguration: true },
  ]);
});

Deno.test("letter case does not hide a change where the system finds files by any", async () => {
  const events = [modified("/VAR/Plugins/Shop.TS")];
  assert.deepEqual(
    await changesOf(WATCHED, platform(events, { foldsCase: true })),
    [{ isImported: true }],
  );
  const file = { ...WATCHED, files: [resolve("/var/plugins/shop.ts")] };
  assert.deepEqual(
    await changesOf(file, platform(events, { foldsCase: true })),
    [{ isPlugin: true }],
  );
  assert.deepEqual(await changesOf(file, platform(events)), []);
});

Deno.test("events that the system has lost are a change of everything", async () => {
  const events: readonly Event[] = [
    { kind: "other", paths: [], flag: "rescan" },
    { kind: "access", paths: [resolve("/var/plugins/a.ts")] },
    { kind: "any", paths: [resolve("/var/plugins/a.ts")] },
  ];
  assert.deepEqual(await changesOf(WATCHED, platform(events)), [
    { isPlugin: true, isImported: true, isConfiguration: true },
    { isPlugin: true },
  ]);
});

Deno.test("a watcher that fails is logged, and ends nothing else", async () => {
  const lines: string[] = [];
  await using _log = await listenToLog((line) => lines.push(line));
  await changesOf(WATCHED, platform([], { failure: new Error("gone") }));
  assert.deepEqual(lines.map((line) => line.replace(/^.*?plugin files/, "")), [
    " are not watched any more, restart to see changes error=gone",
  ]);
});

Deno.test({
  // Links need a right there that few accounts have.
  ignore: Deno.build.os === "windows",
  name: "a plugin in a folder behind a link is seen when it changes",
  async fn() {
    await using files = await tempPlugins({ "real/a.ts": "1" });
    await Deno.symlink(files.path("real"), files.path("link"));
    const seen = Promise.withResolvers<WatchedChange>();
    await using _watch = watchPlugins(
      { ...WATCHED, directories: [files.path("link")] },
      seen.resolve,
    );
    await files.write("real/a.ts", "2");
    assert.deepEqual(await seen.promise, { isPlugin: true });
  },
});
