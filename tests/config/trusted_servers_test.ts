/** Servers that a user has pinned, in a file of their own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type TrustedServer,
  TrustedServers,
  trustedServers,
} from "../../src/config/trusted_servers.ts";

const FINGERPRINT = `sha256:${"ab".repeat(32)}`;

async function setUp() {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "sallyport", "trusted-servers.json");
  return {
    path,
    folder,
    servers: new TrustedServers(path),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function server(since = "2026-01-02T03:04:05Z"): TrustedServer {
  return { fingerprints: [FINGERPRINT], subject: "CN=lab", since };
}

Deno.test("nothing is pinned without a file", async () => {
  await using files = await setUp();
  assert.deepEqual([...await files.servers.list()], []);
  assert.equal(await files.servers.remove("https://a.test"), false);
  // A file where a folder should be is the same.
  await Deno.writeTextFile(join(files.folder, "sallyport"), "");
  assert.deepEqual([...await files.servers.list()], []);
});

Deno.test("servers are pinned, replaced and forgotten, one at a time", async () => {
  await using files = await setUp();
  const { servers, path } = files;
  await servers.pin("https://a.test", server());
  await servers.pin("https://b.test:8443", server());
  await servers.pin("https://a.test", server("2027-01-01T00:00:00Z"));
  // Another run of the program reads the same.
  assert.deepEqual([...await new TrustedServers(path).list()], [
    ["https://a.test", server("2027-01-01T00:00:00Z")],
    ["https://b.test:8443", server()],
  ]);

  assert.equal(await servers.remove("https://a.test"), true);
  assert.equal(await servers.remove("https://a.test"), false);
  assert.deepEqual([...(await servers.list()).keys()], ["https://b.test:8443"]);
});

Deno.test("only the user may read the file, and no draft is left", async () => {
  await using files = await setUp();
  await files.servers.pin("https://a.test", server());
  const { mode: file } = await Deno.stat(files.path);
  const { mode: folder } = await Deno.stat(join(files.path, ".."));
  assert.equal((file ?? 0) & 0o777, 0o600);
  assert.equal((folder ?? 0) & 0o777, 0o700);
  const names = await Array.fromAsync(Deno.readDir(join(files.path, "..")));
  assert.deepEqual(names.map(({ name }) => name), ["trusted-servers.json"]);
});

Deno.test("200 servers are pinned, and a further one only in place of another", async () => {
  await using files = await setUp();
  const origins = Array.from({ length: 199 }, (_, at) => `https://${at}.test`);
  await Deno.mkdir(join(files.path, ".."));
  await Deno.writeTextFile(
    files.path,
    JSON.stringify({
      servers: Object.fromEntries(origins.map((each) => [each, server()])),
    }),
  );
  await files.servers.pin("https://199.test", server());
  await assert.rejects(files.servers.pin("https://200.test", server()), {
    code: "badFile",
    message: 'Cannot pin "https://200.test": 200 servers are pinned already, ' +
      "remove one with sallyport trust --remove",
  });
  await files.servers.pin("https://7.test", server("2027-01-01T00:00:00Z"));
  assert.equal((await files.servers.list()).size, 200);
});

const eight = Array.from(
  { length: 8 },
  (_, at) => `sha256:${`${at}0`.repeat(32)}`,
);

Deno.test("a server has one to eight fingerprints", async () => {
  await using files = await setUp();
  await Deno.mkdir(join(files.path, ".."));
  const write = (fingerprints: readonly string[]) =>
    Deno.writeTextFile(
      files.path,
      JSON.stringify({
        servers: { "https://a.test": { ...server(), fingerprints } },
      }),
    );
  await write(eight);
  assert.equal((await files.servers.list()).size, 1);
  for (const wrong of [[], [...eight, FINGERPRINT]]) {
    await write(wrong);
    await assert.rejects(files.servers.list(), { code: "badFile" });
  }
});

const DAMAGED = [
  "",
  "{",
  "[]",
  '{"servers": []}',
  '{"servers": {"https://a.test": {"subject": "a", "since": "b"}}}',
  // Not as the program writes it.
  JSON.stringify({
    servers: {
      "https://a.test": { ...server(), fingerprints: ["AB".repeat(32)] },
    },
  }),
];

for (const text of DAMAGED) {
  Deno.test(`a file with ${text.slice(0, 30)} is damaged, and is kept`, async () => {
    await using files = await setUp();
    await Deno.mkdir(join(files.path, ".."));
    await Deno.writeTextFile(files.path, text);
    const message =
      `Cannot read the file of pinned servers "${files.path}": it ` +
      "is damaged, remove it and pin the servers again with sallyport trust";
    await assert.rejects(files.servers.list(), { code: "badFile", message });
    await assert.rejects(files.servers.pin("https://b.test", server()), {
      message,
    });
    assert.equal(await Deno.readTextFile(files.path), text);
  });
}

Deno.test("a file that cannot be written says so, and leaves nothing", async () => {
  await using files = await setUp();
  await Deno.writeTextFile(join(files.folder, "sallyport"), "");
  await assert.rejects(
    files.servers.pin("https://a.test", server()),
    (error) => {
      assert.ok(error instanceof Error);
      const words = `Cannot write the file of pinned servers "${files.path}": `;
      assert.ok(error.message.startsWith(words), error.message);
      assert.notEqual(error.message, words);
      return true;
    },
  );
});

/** Variables → the path of the file. */
const HOMES = [
  [{ HOME: "/home/ann" }, "/home/ann/.config"],
  [{ HOME: "/home/ann", XDG_CONFIG_HOME: "/etc/ann" }, "/etc/ann"],
  [{ HOME: "/home/ann", XDG_CONFIG_HOME: "" }, "/home/ann/.config"],
  [{ USERPROFILE: "/u/ann", APPDATA: "/u/ann/app" }, "/u/ann/app"],
  [{ USERPROFILE: "/u/ann" }, "/u/ann/.config"],
  [{ APPDATA: "/u/ann/app" }, "/u/ann/app"],
] as const;

for (const [variables, folder] of HOMES) {
  Deno.test(`with ${JSON.stringify(variables)} the file is in ${folder}`, () => {
    const environment: Readonly<Record<string, string>> = variables;
    const servers = trustedServers((name) => environment[name]);
    const path = join(folder, "sallyport", "trusted-servers.json");
    assert.equal(servers?.path, path);
  });
}

Deno.test("a user without a home has no file", () => {
  assert.equal(trustedServers(() => undefined), undefined);
  assert.equal(trustedServers(() => ""), undefined);
});
