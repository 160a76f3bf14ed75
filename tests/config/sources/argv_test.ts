import assert from "node:assert/strict";

import { Mistakes } from "../../../src/config/errors.ts";
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
    const { values, positionals } = readArgv(
      { ...SAMPLE },
      args,
      new Mistakes(),
    );

    assert.deepEqual(values.get(name)?.raw, raw);
    assert.deepEqual(positionals, []);
  });
}

Deno.test("readArgv() takes what follows -- for positionals", () => {
  const { values, positionals } = readArgv({ ...SAMPLE }, [
    "a",
    "--",
    "--pool",
    "-t",
  ], new Mistakes());

  assert.deepEqual(positionals, ["a", "--pool", "-t"]);
  assert.equal(values.size, 0);
});

Deno.test("readArgv() remembers how an option was written", () => {
  const { values } = readArgv({ ...SAMPLE }, ["-ia", "--pool"], new Mistakes());

  assert.equal(values.get("tunnel-name")?.source, "-i");
  assert.equal(values.get("pool")?.source, "--pool");
});
