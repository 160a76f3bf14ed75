import assert from "node:assert/strict";

import { readArgv } from "../../../src/config/sources/argv.ts";
import { SAMPLE } from "../fixtures.ts";

const FORMS = [
  [["--tunnel-name", "a"], "tunnel-name", "a"],
  [["--tunnel-name=a=b"], "tunnel-name", "a=b"],
  [["--tunnel-name=-a"], "tunnel-name", "-a"],
  [["--tunnel-name", "-"], "tunnel-name", "-"],
  [["--tunnel-name=a", "--tunnel-name=b"], "tunnel-name", "b"],
  [["-i", "a"], "tunnel-name", "a"],
  [["-ia"], "tunnel-name", "a"],
  [["-i=a"], "tunnel-name", "a"],
  [["-tia"], "tunnel-name", "a"],
  [["--pool"], "pool", "true"],
  [["-t"], "pool", "true"],
  [["--pool=false"], "pool", "false"],
  [["--files=a,b", "--files", "c"], "files", ["a", "b", "c"]],
] as const;

for (const [args, name, raw] of FORMS) {
  Deno.test(`readArgv() reads "${args.join(" ")}" as ${name} ${raw}`, () => {
    const { given, words } = readArgv({ ...SAMPLE }, args);

    assert.deepEqual(given.get(name)?.raw, raw);
    assert.deepEqual(words, []);
  });
}

Deno.test("readArgv() takes what follows -- for words", () => {
  const { given, words } = readArgv({ ...SAMPLE }, ["a", "--", "--pool", "-t"]);

  assert.deepEqual(words, ["a", "--pool", "-t"]);
  assert.equal(given.size, 0);
});

Deno.test("readArgv() remembers how an option was written", () => {
  const { given } = readArgv({ ...SAMPLE }, ["-ia", "--pool"]);

  assert.equal(given.get("tunnel-name")?.source, "-i");
  assert.equal(given.get("pool")?.source, "--pool");
});
