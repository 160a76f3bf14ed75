/** Command lines of Sauce Connect 4, letter by letter. */
import assert from "node:assert/strict";
import { readOldFlags } from "../../../src/cli/legacy/old_flags.ts";
import { Mistakes } from "../../../src/config/errors.ts";

function read(...args: string[]) {
  const mistakes = new Mistakes();
  const flags = readOldFlags(args, mistakes);
  mistakes.throwIfAny();
  return flags;
}

/** Letter → the option of Sauce Connect 4 that it is. */
const LETTERS = {
  "-a": "auth",
  "-D": "direct-domains",
  "-F": "fast-fail-regexps",
  "-z": "log-stats",
  "-l": "logfile",
  "-k": "api-key",
  "-B": "no-ssl-bump-domains",
  "-d": "pidfile",
  "-p": "proxy",
  "-w": "proxy-userpwd",
  "-f": "readyfile",
  "-r": "region",
  "-x": "rest-url",
  "-P": "se-port",
  "-t": "tunnel-domains",
  "-i": "tunnel-identifier",
  "-u": "user",
};

for (const [letter, name] of Object.entries(LETTERS)) {
  Deno.test(`${letter} is --${name}`, () => {
    const { old, sources, own } = read(letter, "value");
    assert.deepEqual([...old], [[name, "value"]]);
    assert.deepEqual([...sources], [[name, letter]]);
    assert.equal(own.size, 0);
    assert.deepEqual([...read(`--${name}`, "value").old], [[name, "value"]]);
  });
}

for (
  const [letter, name] of [
    ["-T", "proxy-tunnel"],
    ["-s", "shared-tunnel"],
    ["-v", "verbose"],
  ] as const
) {
  Deno.test(`${letter} is the switch --${name}`, () => {
    const { old, positionals } = read(letter, "rest");
    assert.deepEqual([...old.keys()], [name]);
    assert.deepEqual(positionals, ["rest"]);
  });
}

Deno.test("the two files do not count as options of the tunnel", () => {
  const flags = read("-c", "old.yaml", "--output-config-file", "new.yaml");
  assert.equal(flags.configFile, "old.yaml");
  assert.equal(flags.outputFile, "new.yaml");
  assert.equal(flags.old.size, 0);
  assert.equal(flags.own.size, 0);
  const none = read();
  assert.equal(none.configFile, undefined);
  assert.equal(none.outputFile, undefined);
});

Deno.test("options that only we have stand apart, and have no letters", () => {
  const { old, own } = read("-u", "jane", "--server", "https://lab.test");
  assert.deepEqual([...old.keys()], ["user"]);
  assert.deepEqual([...own.keys()], ["server"]);
  assert.equal(own.get("server")?.raw, "https://lab.test");
});

Deno.test("an unknown option is a mistake", () => {
  assert.throws(() => read("--nonsense", "1"), /--nonsense/);
});
