/** The list of judged mutants is of the modules as they are. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EQUIVALENTS } from "./equivalents.ts";
import { changeOf, mutantsOf } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("every judged mutant is one that would be tried", async () => {
  const files = Map.groupBy(EQUIVALENTS, ({ file }) => file);
  for (const [file, judged] of files) {
    const text = await Deno.readTextFile(ROOT + file);
    const lines = text.split("\n").map((line) => line.trim());
    const tried = new Set(
      mutantsOf(text).map((mutant) =>
        `${lines[mutant.line - 1]}  ${changeOf(text, mutant)}`
      ),
    );
    for (const { line, change, reason } of judged) {
      assert.ok(
        tried.has(`${line}  ${change}`),
        `The code has changed, take it out: ${file}: ${line} ${change}`,
      );
      assert.match(reason, /^[A-Z].*\.$/);
    }
  }
});
