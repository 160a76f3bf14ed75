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
  ]);
  assert.deepEqual(graph.testsOf("src/a/low.ts", 2), [
    "tests/a/low_test.ts",
    "tests/a/all_test.ts",
  ]);
  assert.deepEqual(graph.testsOf("src/a/typed.ts", 9), []);
});
