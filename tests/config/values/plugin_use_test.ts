/** Entries of the list of plugins: each key, and each mistake with its place. */
import assert from "node:assert/strict";
import {
  type ConfiguredUse,
  listedPlugin,
} from "../../../src/config/values/plugin_use.ts";

const codec = listedPlugin();

function read(entry: unknown): ConfiguredUse {
  return codec.decode(
    typeof entry === "string" ? entry : JSON.stringify(entry),
  );
}

/** The mistakes of an entry: `place: message`. */
function problemsOf(entry: unknown): readonly string[] {
  const raw = typeof entry === "string" ? entry : JSON.stringify(entry);
  const { success, error } = codec.safeDecode(raw);
  assert.equal(success, false, raw);
  return error?.issues.map(({ path, message }) =>
    `${path.join(".")}: ${message}`
  ) ?? [];
}

/** Entry → what is read of it, and how it is written again. */
const ENTRIES: readonly (readonly [unknown, ConfiguredUse, string])[] = [
  ["./a.ts", { use: "./a.ts" }, "./a.ts"],
  [{ use: "./a.ts" }, { use: "./a.ts" }, "./a.ts"],
  [{ use: "[a].ts" }, { use: "[a].ts" }, '{"use":"[a].ts"}'],
  [{ use: " {a}.ts" }, { use: " {a}.ts" }, '{"use":" {a}.ts"}'],
  [
    { use: "a", name: "n".repeat(64) },
    { use: "a", name: "n".repeat(64) },
    `{"use":"a","name":"${"n".repeat(64)}"}`,
  ],
  [
    { use: "a", options: { x: [1] }, name: null },
    { use: "a", options: { x: [1] } },
    '{"use":"a","options":{"x":[1]}}',
  ],
  [
    { use: "a", timeout: "1m30s" },
    { use: "a", timeout: 90_000 },
    '{"use":"a","timeout":"1m30s"}',
  ],
  [
    { use: "a", "on-failure": "skip" },
    { use: "a", onFailure: "skip" },
    '{"use":"a","on-failure":"skip"}',
  ],
  [
    { use: "a", "on-failure": "fail" },
    { use: "a", onFailure: "fail" },
    '{"use":"a","on-failure":"fail"}',
  ],
  [
    { use: "a", allow: "trusted" },
    { use: "a", allow: "trusted" },
    '{"use":"a","allow":"trusted"}',
  ],
  [
    { use: "a", allow: "none" },
    { use: "a", allow: {} },
    '{"use":"a","allow":{}}',
  ],
  [
    {
      use: "a",
      allow: { net: true, read: ["x", "y"], env: "E", write: false },
    },
    {
      use: "a",
      allow: { net: true, read: ["x", "y"], env: ["E"], write: false },
    },
    '{"use":"a","allow":{"net":true,"read":["x","y"],"env":["E"]}}',
  ],
];

for (const [entry, wanted, written] of ENTRIES) {
  Deno.test(`${JSON.stringify(entry).slice(0, 60)} is an entry`, () => {
    const use = read(entry);
    assert.deepEqual(use, wanted);
    const again = codec.encode(use);
    assert.deepEqual(sorted(again), sorted(written));
    assert.equal(codec.encode(read(again)), again);
  });
}

const NO_ENTRY =
  ': expected a path, or a table such as { "use": "./slow.ts" } ' +
  "with name, match, options, allow, timeout, on-failure";
const NO_NAME = "name: expected 1 to 64 letters, digits, _ and -";
const NO_LIST = "expected true, or a list of names in quotes";

/** Entry → what is wrong in it. */
const WRONG: readonly (readonly [unknown, readonly (string | RegExp)[]])[] = [
  ["", [NO_ENTRY]],
  ["{", [NO_ENTRY]],
  ["[1]", [NO_ENTRY]],
  [{ odd: 1 }, [NO_ENTRY]],
  [{}, [': it has no "use", add the path of the plugin']],
  [{ use: 7 }, ["use: expected a path or npm:name"]],
  [{ use: "" }, ["use: expected a path or npm:name"]],
  [{ use: "a", naem: "b" }, [/^naem: no such key, .*"?name/]],
  [{ use: "a", name: "n".repeat(65) }, [NO_NAME]],
  [{ use: "a", name: "a b" }, [NO_NAME]],
  [{ use: "a", name: "" }, [NO_NAME]],
  [{ use: "a", match: 7 }, [/^match: /]],
  [{ use: "a", allow: "trust" }, [
    /^allow: expected trusted, none, or a table of net, read, write and env.*trusted/,
  ]],
  [{ use: "a", allow: ["net"] }, [/^allow: expected trusted, none/]],
  [{ use: "a", allow: { nte: true } }, [/^allow\.nte: no such key/]],
  [{ use: "a", allow: { net: [] } }, [`allow.net: ${NO_LIST}`]],
  [{ use: "a", allow: { net: ["x", ""] } }, [`allow.net: ${NO_LIST}`]],
  [{ use: "a", allow: { net: [7] } }, [`allow.net: ${NO_LIST}`]],
  [{ use: "a", timeout: "0s" }, [/^timeout: expected a duration above 0s/]],
  [{ use: "a", timeout: "-1s" }, [/^timeout: expected a duration above 0s/]],
  [{ use: "a", timeout: 5 }, [/^timeout: expected a duration above 0s/]],
  [{ use: "a", "on-failure": "skp" }, [
    /^on-failure: expected fail or skip.*skip/,
  ]],
  [{ name: "a b", timeout: "x" }, [
    ...[': it has no "use", add the path of the plugin', NO_NAME],
    /^timeout: /,
  ]],
];

for (const [entry, wanted] of WRONG) {
  Deno.test(`${JSON.stringify(entry).slice(0, 60)} is not an entry`, () => {
    const problems = problemsOf(entry);
    assert.equal(problems.length, wanted.length, problems.join("\n"));
    for (const [at, each] of wanted.entries()) {
      if (typeof each === "string") assert.equal(problems[at], each);
      else assert.match(problems[at] ?? "", each);
    }
  });
}

Deno.test("a text that is broken JSON is not repeated: it may be secret", () => {
  assert.doesNotMatch(problemsOf('{"use": "s3cr3t').join(), /s3cr3t/);
});

function sorted(written: string): unknown {
  if (!written.startsWith("{")) return written;
  const sort = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).toSorted().map(([key, each]) => [key, sort(each)])
      : value;
  return sort(JSON.parse(written));
}
