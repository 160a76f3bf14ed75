/* The introduction to plugins quotes the example plugins. */
import assert from "node:assert/strict";

const FOLDER = new URL("../../plugins/", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", FOLDER));

/** An import, with its module. */
const IMPORT = /^import [^;]*? from "([^"]+)";$/gm;

/** Lines without what stands before them: indentation, and the marks of comments. */
function flush(text: string): string {
  return text.replace(/^ *(?:\* ?)? */gm, "");
}

/** The text of all plugins. */
async function plugins(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const folder of ["", "cookbook/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, FOLDER))) {
      if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
      const path = folder + name;
      texts.set(path, await Deno.readTextFile(new URL(path, FOLDER)));
    }
  }
  return texts;
}

Deno.test("every snippet of the introduction is in a plugin, indentation apart", async () => {
  const texts = [...(await plugins()).values()];
  const blocks = Array.from(
    README.matchAll(/```(?:ts ignore|yaml)\n(.*?)```/gs),
    ([, block = ""]) => block,
  );

  assert.ok(blocks.length >= 5);
  for (const block of blocks) {
    assert.ok(texts.some((text) => flush(text).includes(flush(block))), block);
  }
});

Deno.test("the table of recipes says of every plugin what it does", async () => {
  const listed = Array.from(
    README.matchAll(/^\| \[(\w+\.ts)\]\(((?:cookbook\/)?\1)\) +\| \S/gm),
    ([, , path = ""]) => path,
  );

  assert.deepEqual(listed.toSorted(), [...(await plugins()).keys()].toSorted());
});

Deno.test("every plugin ends as it should, and a copy of it needs only the types", async () => {
  for (const [name, text] of await plugins()) {
    assert.match(
      text,
      /\nexport default \{\n.*\n\} satisfies Plugin(<.+>)?;\n/s,
    );
    for (const [line, from] of text.matchAll(IMPORT)) {
      if (from?.startsWith("node:")) continue;
      assert.match(line, /^import type /, name);
      assert.equal(from, "sallyport", name);
    }
  }
});
