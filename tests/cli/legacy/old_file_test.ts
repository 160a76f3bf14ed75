/** Configuration files of Sauce Connect 4, and other files. */
import assert from "node:assert/strict";
import { readOldFile } from "../../../src/cli/legacy/old_file.ts";
import { temporaryFile } from "../../config/fixtures.ts";

async function read(text: string) {
  await using file = await temporaryFile("sc.yaml", text);
  const { options, placeOf } = await readOldFile(file.path);
  return {
    options: Object.fromEntries(options),
    placeOf: (name: string) => placeOf(name)?.replace(file.path, "FILE"),
  };
}

async function refused(text: string, message: string): Promise<void> {
  await using file = await temporaryFile("sc.yaml", text);
  await assert.rejects(readOldFile(file.path), {
    code: "badFile",
    message: message.replaceAll("FILE", file.path),
  });
}

Deno.test("options are read as they are written, and where they are", async () => {
  const { options, placeOf } = await read(
    "---\nuser: jane\nse-port: 4445\ndns:\n  - 10.0.0.1\n  - 10.0.0.2\n" +
      "verbose:\nuser-agent: ''\n",
  );
  assert.deepEqual(options, {
    "user": "jane",
    "se-port": "4445",
    "dns": ["10.0.0.1", "10.0.0.2"],
    "verbose": "true",
    "user-agent": "",
  });
  assert.equal(placeOf("user"), '"FILE", line 2');
  assert.equal(placeOf("dns"), '"FILE", line 4');
  assert.equal(placeOf("other"), '"FILE"');
});

Deno.test("an option without a value is unset, a switch without one is on", async () => {
  const { options } = await read("user:\nshared-tunnel:\n");
  assert.deepEqual(options, { "user": "", "shared-tunnel": "true" });
});

Deno.test("an empty file has no options", async () => {
  assert.deepEqual((await read("")).options, {});
});

Deno.test("a list is refused", async () => {
  await refused(
    "- user\n",
    'Cannot use "FILE": expected lines of the form "option: value"',
  );
});

for (const value of ["{a: b}", "[a, [b]]", "[{a: b}]"]) {
  Deno.test(`an option cannot be ${value}`, async () => {
    await refused(
      `user: ${value}\n`,
      'Cannot use user in "FILE": expected lines of the form "option: value"',
    );
  });
}

for (const name of ["access-key", "tunnel_pool", "server"]) {
  Deno.test(`a file with ${name} is of a later version`, async () => {
    await refused(
      `pac: a.pac\n${name}: x\n`,
      'Cannot translate "FILE", line 2: this is a file of Sauce Connect 5 or ' +
        'Sallyport, use "sallyport run --config-file FILE"',
    );
  });
}

Deno.test("a name of version 4 alone tells that the file is old", async () => {
  const { options } = await read("api-key: k\nserver: https://lab.test\n");
  assert.deepEqual(options, { "api-key": "k", "server": "https://lab.test" });
});

Deno.test("a file that is not there is said to be the configuration file", async () => {
  await assert.rejects(readOldFile("/nowhere/sc.yaml"), {
    message:
      'Cannot read the configuration file "/nowhere/sc.yaml": no such file',
  });
});
