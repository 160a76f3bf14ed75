/** Which tests are asked about a module. */
import assert from "node:assert/strict";
import { ImportGraph } from "./nearest_tests.ts";
import { project } from "./project.ts";

const FILES = {
  "src/a/low.ts": "export const low = 1;",
  "src/a/high.ts": 'import { low } from "./low.ts";\nexport { low };',
  "src/a/typed.ts": 'import type { low } from "./low.ts";',
  "tests/a/low_test.ts": 'import { low } from "../../src/a/low.ts";',
  "tests/a/all_test.ts": 'import {\n  low,\n} from "../../src/a/low.ts";',
  "tests/a/high_test.ts": 'import { low } from "../../src/a/high.ts";',
  "tests/a/typed_test.ts": 'import "../../src/a/typed.ts";',
  "tests/a/program_test.ts": 'import { low } from "../../src/a/low.ts";\n' +
    'import { run } from "../testing/run.ts";',
  "tests/testing/run.ts": 'export { run } from "./process.ts";',
  "tests/testing/process.ts": "export const run = 1;",
  "tests/system/whole_test.ts": 'import { low } from "../../src/a/low.ts";',
};

Deno.test("a module's own test comes first, then those that are nearer", async () => {
  await using files = await project(FILES);
  const graph = await ImportGraph.read(files.root);

  assert.deepEqual(graph.testsOf("src/a/low.ts", 9), [
    "tests/a/low_test.ts",
    "tests/a/all_test.ts",
    "tests/a/high_test.ts",
    "tests/a/program_test.ts",
  ]);
  assert.deepEqual(graph.testsOf("src/a/low.ts", 2), [
    "tests/a/low_test.ts",
    "tests/a/all_test.ts",
  ]);
  // It is its own, and loads nothing of it.
  assert.deepEqual(graph.testsOf("src/a/typed.ts", 9), [
    "tests/a/typed_test.ts",
  ]);
});

Deno.test("tests of the part count however far away they are, its own first", async () => {
  await using files = await project({
    "src/a/b/low.ts": "export const low = 1;",
    "src/a/b/part.ts": 'export { low } from "./low.ts";',
    "src/a/whole.ts": 'export { low } from "./b/part.ts";',
    "src/all.ts": 'export { low } from "./a/whole.ts";',
    "tests/a/b/low_test.ts": 'import { low } from "../helper.ts";',
    "tests/a/b/other_test.ts": 'import { low } from "../helper.ts";',
    "tests/a/hostile_test.ts": 'import { low } from "./helper.ts";',
    "tests/a/helper.ts": 'export { low } from "../../src/a/whole.ts";',
    "tests/a/c/next_test.ts": 'import { low } from "../helper.ts";',
    "tests/all_test.ts": 'import { low } from "../src/all.ts";',
    "tests/z_test.ts": 'import { low } from "../src/a/b/low.ts";',
  });
  const graph = await ImportGraph.read(files.root);

  assert.deepEqual(graph.testsOf("src/a/b/low.ts", 9), [
    "tests/a/b/low_test.ts",
    "tests/a/b/other_test.ts",
    "tests/a/hostile_test.ts",
    "tests/z_test.ts",
    "tests/a/c/next_test.ts",
  ]);
});

Deno.test("of tests that are as near, those that load less come first", async () => {
  await using files = await project({
    "src/low.ts": "export const low = 1;",
    "src/more.ts": "export const more = 1;",
    "tests/a_test.ts": 'import { low } from "../src/low.ts";\n' +
      'import { more } from "../src/more.ts";',
    "tests/b_test.ts": 'import { low } from "../src/low.ts";',
  });
  const graph = await ImportGraph.read(files.root);

  assert.deepEqual(graph.testsOf("src/low.ts", 9), [
    "tests/b_test.ts",
    "tests/a_test.ts",
  ]);
});

Deno.test("tests behind the part that owns a module count only without others", async () => {
  const far = {
    "src/low.ts": "export const low = 1;",
    "src/part.ts": 'export { low } from "./low.ts";',
    "src/whole.ts": 'export { low } from "./part.ts";',
    "tests/whole_test.ts": 'import { low } from "../src/whole.ts";',
  };
  const near = {
    "tests/part_test.ts": 'import { low } from "../src/part.ts";',
  };
  await using alone = await project(far);
  await using both = await project({ ...far, ...near });

  const asked = async (root: string) =>
    (await ImportGraph.read(root)).testsOf("src/low.ts", 9);
  assert.deepEqual(await asked(alone.root), ["tests/whole_test.ts"]);
  assert.deepEqual(await asked(both.root), ["tests/part_test.ts"]);
});
