import { doesNotMatch, equal, match } from "node:assert/strict";
import { compileStrictly } from "../testing/tsc.ts";
import { pluginTypes, TYPES_FILE } from "../../src/cli/plugin/plugin_types.ts";
import { TYPES_COPY } from "./plugin_types.ts";

const PLUGINS = new URL("../../plugins/", import.meta.url);

/** The examples and the cookbook as they are, with the types beside them. */
async function examples(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const folder of ["", "cookbook/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, PLUGINS))) {
      const path = folder + name;
      if (!name.endsWith(".ts")) continue;
      const text = await Deno.readTextFile(new URL(path, PLUGINS));
      files[path] = text;
    }
  }
  return files;
}

Deno.test("the types of plugins are those of the program (else: deno task types)", async () => {
  equal(await Deno.readTextFile(TYPES_COPY), pluginTypes());
});

Deno.test("the types of plugins are whole, and only types: a plugin cannot import code", () => {
  const text = pluginTypes();

  doesNotMatch(text, /^import\b/m);
  doesNotMatch(text, /^(?:export )?(?:const|let|function|class|enum)\b/m);
});

Deno.test("the examples compile with tsc --strict against these types alone, and mistakes do not", async () => {
  const files = { ...await examples(), [TYPES_FILE]: pluginTypes() };
  equal(Object.keys(files).length > 6, true);
  const printed = await compileStrictly({ ...files, "wrong.ts": WRONG });
  const errors = printed.split("\n").filter((line) => /^\S/.test(line));
  equal(errors.length, 2, printed);
  match(errors[0] ?? "", /^wrong\.ts\(3,.*'reqest'/);
  match(errors[1] ?? "", /^wrong\.ts\(4,.*'urll'/);
});

const WRONG = `
import type { Plugin } from "sallyport";
export default { reqest() {} } satisfies Plugin;
export const other = { request: ({ urll }) => {} } satisfies Plugin;
`;
