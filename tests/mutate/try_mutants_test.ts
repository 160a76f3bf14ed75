/** Verdicts on mutants of a small module. */
import assert from "node:assert/strict";
import { randomFrom } from "../http2/hpack/random.ts";
import { ImportGraph } from "./nearest_tests.ts";
import { project } from "./project.ts";
import { type Tried, tryMutants } from "./try_mutants.ts";
import { Workspace } from "./workspace.ts";

const MODULE = `
export function grade(points: number): string {
  if (points < 0) throw new RangeError();
  return points > 50 ? "good" : "bad";
}
`;

/** Says nothing about 50 and 100, and tries no number below 0. */
const TEST = `
import { grade } from "../src/grade.ts";
Deno.test("grade()", () => {
  if (grade(90) !== "good" || grade(10) !== "bad") throw new Error();
  if (grade(0) !== "bad") throw new Error();
});
`;

Deno.test("tryMutants() tells what the tests notice from what they do not", async () => {
  await using files = await project({
    "src/grade.ts": MODULE,
    "tests/grade_test.ts": TEST,
  });
  const tried: Tried[] = [];
  await using workspace = await Workspace.copy(files.root);
  await tryMutants(
    workspace,
    await ImportGraph.read(files.root),
    "src/grade.ts",
    {
      random: randomFrom(1),
      sample: 99,
      tests: 9,
      patience: 60_000,
      equivalents: [{
        file: "src/grade.ts",
        line: 'return points > 50 ? "good" : "bad";',
        change: "50 → 100",
        reason: "an example",
      }],
      onTried: (each) => tried.push(each),
    },
  );

  assert.deepEqual(tried.map(({ change, verdict }) => [change, verdict]), [
    ["if (points < 0) throw new RangeError(); → ;", "survived"],
    ["< → <=", "killed"],
    ["0 → 1", "killed"],
    ["points > 50 → !(points > 50)", "killed"],
    ["> → >=", "survived"],
    ["50 → 100", "equivalent"],
  ]);
  assert.equal(await workspace.read("src/grade.ts"), MODULE);
  assert.equal(await Deno.readTextFile(`${files.root}/src/grade.ts`), MODULE);
});

Deno.test("tryMutants() says so when the tests fail without a change", async () => {
  await using files = await project({
    "src/a.ts": "export const a = 1;",
    "tests/a_test.ts":
      'import { a } from "../src/a.ts";\nDeno.test("a", () => { throw a; });',
  });
  await using workspace = await Workspace.copy(files.root);
  const graph = await ImportGraph.read(files.root);
  const options = {
    random: randomFrom(1),
    sample: 1,
    tests: 1,
    patience: 60_000,
    equivalents: [],
    onTried: () => assert.fail("a mutant was tried"),
  };
  await assert.rejects(
    tryMutants(workspace, graph, "src/a.ts", options),
    /^Error: tests\/a_test\.ts fails without a change/,
  );
});

Deno.test("tryMutants() asks a test of others too, and not one that fails without a change", async () => {
  await using files = await project({
    "src/a.ts": "export function a() { return 1 < 2; }",
    "src/part.ts": 'export { a } from "./a.ts";',
    "tests/a_test.ts": 'import { a } from "../src/a.ts";\n' +
      'Deno.test("a", () => { a(); });',
    "tests/broken_test.ts": 'import { a } from "../src/a.ts";\n' +
      'Deno.test("broken", () => { throw a; });',
    "tests/part_test.ts": 'import { a } from "../src/part.ts";\n' +
      'Deno.test("part", () => { if (!a()) throw new Error(); });',
  });
  await using workspace = await Workspace.copy(files.root);
  const graph = await ImportGraph.read(files.root);
  const tried: Tried[] = [];
  const leftOut: string[] = [];
  const options = {
    random: randomFrom(1),
    sample: 9,
    tests: 9,
    equivalents: [],
    onTried: (each: Tried) => tried.push(each),
    onLeftOut: (test: string) => leftOut.push(test),
  };
  await tryMutants(workspace, graph, "src/a.ts", {
    ...options,
    patience: 60_000,
  });

  assert.deepEqual(tried.map(({ change, verdict }) => [change, verdict]), [
    ["1 → 2", "killed"],
    ["< → <=", "survived"],
    ["2 → 3", "survived"],
  ]);
  assert.deepEqual(leftOut, ["tests/broken_test.ts"]);
});

Deno.test("a run of tests that never ends is ended", async () => {
  await using files = await project({
    "tests/a_test.ts": 'Deno.test("a", () => { for (;;); });',
  });
  await using workspace = await Workspace.copy(files.root);

  const { outcome } = await workspace.test(["tests/a_test.ts"], 1);

  assert.equal(outcome, "too long");
});
