import assert from "node:assert/strict";

import { CLIENT_FIELDS } from "../../../src/config/options/client_config.ts";
import { isRequired } from "../../../src/config/field.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";
import { testDeclaration } from "../declaration_rules.ts";
import { temporaryFile } from "../fixtures.ts";

testDeclaration("client", { ...CLIENT_FIELDS });

Deno.test("the client needs a server, a user, a key and a name", () => {
  const required = Object.entries(CLIENT_FIELDS)
    .filter(([, each]) => isRequired(each)).map(([key]) => key);

  assert.deepEqual(required, [
    "server",
    "username",
    "accessKey",
    "tunnelName",
  ]);
});

Deno.test("the client opens 4 connections for each core, at most 16", () => {
  const { tunnelConnections } = validateOptions({
    tunnelConnections: CLIENT_FIELDS.tunnelConnections,
  }, new Map());

  assert.equal(
    tunnelConnections,
    Math.min(4 * navigator.hardwareConcurrency, 16),
  );
});

for (const name of ["a b", "a:b", "", "ä", "x".repeat(256)]) {
  Deno.test(`the client refuses the tunnel name "${name.slice(0, 9)}"`, () => {
    assert(!CLIENT_FIELDS.tunnelName.schema.safeParse(name).success);
  });
}

Deno.test.each([
  ["s3cr3t ", "a key without spaces around it"],
  ["s3cr3t\r", "a key without spaces around it"],
  ["", "a key without spaces around it"],
])(
  "the client says that spaces do not belong to the key: %#",
  (key, expected) => {
    const given = new Map([
      ["access-key", { raw: key, source: "SALLYPORT_ACCESS_KEY" }],
    ]);

    assert.throws(
      () => validateOptions({ accessKey: CLIENT_FIELDS.accessKey }, given),
      {
        message:
          `Cannot use "xxxxx" as SALLYPORT_ACCESS_KEY: expected ${expected}`,
      },
    );
  },
);

Deno.test("--proxy-server goes by Sauce Connect's name too, wherever it is set", async () => {
  await using file = await temporaryFile("c.yaml", "proxy-sauce: c.test:1\n");
  const args = [
    ...["--server=lab.test", "--username=u", "--access-key=k"],
    ...["--tunnel-name=t", `--config-file=${file.path}`],
  ];
  const hosts: (string | undefined)[] = [];
  for (
    const [more, variables] of [
      [["--proxy-sauce=a.test:1"], { SAUCE_PROXY_SAUCE: "b.test:1" }],
      [[], { SAUCE_PROXY_SAUCE: "b.test:1" }],
      [[], {}],
    ] as const
  ) {
    const table: Readonly<Record<string, string>> = variables;
    const { values } = await collectOptions(CLIENT_FIELDS, {
      args: [...args, ...more],
      environment: (name) => table[name],
    });
    const { proxyServer } = validateOptions(CLIENT_FIELDS, values);
    hosts.push(proxyServer === "env" ? proxyServer : proxyServer?.hostname);
  }

  assert.deepEqual(hosts, ["a.test", "b.test", "c.test"]);
});

/** Option → its default, what it takes at both ends, and what is just outside. */
const BOUNDS = {
  shutdownTimeout: [3 * 3_600_000, { "0": 0, "1s": 1_000 }, ["soon"]],
  tunnelConnections: [undefined, { "1": 1, "64": 64 }, ["0", "65"]],
  tunnelMaxConcurrentStreams: [
    256,
    { "1": 1, "10000": 10_000 },
    ["0", "10001"],
  ],
} as const;

for (const [name, [fallback, taken, refused]] of Object.entries(BOUNDS)) {
  Deno.test(`${name} has its default and its bounds`, () => {
    const { schema } = CLIENT_FIELDS[name as keyof typeof BOUNDS];
    if (fallback !== undefined) assert.equal(schema.parse(undefined), fallback);
    for (const [text, value] of Object.entries(taken)) {
      assert.equal(schema.parse(text), value);
    }
    for (const text of refused) {
      assert.equal(schema.safeParse(text).success, false, text);
    }
  });
}

Deno.test("a file cannot name another file", async () => {
  await using file = await temporaryFile("c.yaml", "config-file: other.yaml\n");
  await assert.rejects(
    collectOptions(CLIENT_FIELDS, {
      args: ["--config-file", file.path],
      environment: () => undefined,
    }),
    /config-file/,
  );
});
