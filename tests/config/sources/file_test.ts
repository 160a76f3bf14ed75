import assert from "node:assert/strict";

import { ConfigError } from "../../../src/config/errors.ts";
import { load, temporaryFile } from "../fixtures.ts";

const BROKEN: readonly {
  readonly name: string;
  readonly text: string;
  readonly says: RegExp;
}[] = [
  {
    name: "c.yaml",
    text: "wait: 1s\nmode: [s3cr3t\nx: 1",
    says: /^Cannot read ".*c\.yaml": .* at line 3, column 1$/,
  },
  {
    name: "c.yaml",
    text: 'access-key: s3cr3t\nwait: "x\n',
    says: /^Cannot read ".*": missing closing "quote at line 3, column 1$/,
  },
  {
    name: "c.yaml",
    text: "access-key: *s3cr3t",
    says: /^Cannot read ".*": it has an unknown alias or too many aliases/,
  },
  {
    name: "c.yaml",
    text: "wait: 1s\nwait: 2s\n",
    says: /: map keys must be unique at line 2, column 1$/,
  },
  {
    name: "c.json",
    text: '{\n  "access-key": "s3cr3t"\n  "wait": "1s"\n}',
    says: /^Cannot read ".*c\.json": .* at line 3, column 3$/,
  },
  {
    name: "c.toml",
    text: 'wait = "1s"\naccess-key = s3cr3t',
    says: /^Cannot read ".*c\.toml": invalid value at line 2, column 14$/,
  },
  {
    name: "c.yaml",
    text: "- wait\n- s3cr3t\n",
    says: /: expected lines of the form "option: value", see config-file/,
  },
  {
    name: "c.yaml",
    text: "acces-key: s3cr3t\n",
    says:
      /^Cannot use "acces-key" in ".*", line 1: .*, did you mean "access-key"\?$/,
  },
  {
    name: "c.toml",
    text: '[tunnel-name]\na = "s3cr3t"\n',
    says: /^Cannot use tunnel-name in ".*", line 1: expected one value$/,
  },
  {
    name: "c.yaml",
    text: "files: [[s3cr3t]]\n",
    says: /^Cannot use files in ".*", line 1: expected a list of values$/,
  },
  {
    name: "c.yaml",
    text: "tunnel-name: a\naccess-key: s3cr3t\nwait: soon\n",
    says:
      /^Cannot use "soon" as wait in ".*c\.yaml", line 3: expected a duration/,
  },
  {
    name: "c.yaml",
    text: "config-file: other.yaml\n",
    says: /^Cannot use "config-file" in ".*", line 1: no such option/,
  },
];

for (const [index, { name, text, says }] of BROKEN.entries()) {
  Deno.test(`readConfigFile() says in one line what is wrong with ${name} ${index}`, async () => {
    await using file = await temporaryFile(name, text);

    await assert.rejects(load(["--config-file", file.path]), (error) => {
      assert(error instanceof ConfigError);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /s3cr3t|\n/);
      return true;
    });
  });
}

Deno.test("readConfigFile() takes an empty file for one that sets nothing", async () => {
  await using file = await temporaryFile("c.yaml", "# nothing\n");

  const { wait } = await load(["-i=a", "-k=b", "--config-file", file.path]);

  assert.equal(wait, 90_000);
});

Deno.test("readConfigFile() refuses a directory", async () => {
  await using file = await temporaryFile("c.yaml", "");
  const directory = file.path.replace(/\/[^/]*$/, "");

  await assert.rejects(load(["--config-file", directory]), /is a directory$/);
});
