/** Recipes for new plugins: those of the repository, fit for another folder. */
import assert from "node:assert/strict";
import {
  RECIPE_FIELDS,
  RECIPE_NAMES,
  recipeText,
} from "../../../src/cli/plugin/recipes.ts";

const PLUGINS = new URL("../../../plugins/", import.meta.url);

async function sourceOf(name: string): Promise<string> {
  const places = [`${name}.ts`, `cookbook/${name}.ts`];
  for (const place of places) {
    try {
      return await Deno.readTextFile(new URL(place, PLUGINS));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`There is no ${places.join(" and no ")}`);
}

Deno.test("the names are in the order of the alphabet", () => {
  assert.deepEqual(RECIPE_NAMES, RECIPE_NAMES.toSorted());
});

for (const name of RECIPE_NAMES) {
  Deno.test(`the recipe ${name} is the plugin of that name`, async () => {
    const source = await sourceOf(name);
    const text = recipeText(name, "plugins/mine.ts");
    assert.match(text, /^import type .* from "sallyport";$/m);
    // Only the name in the comment differs.
    const lines = text.split("\n");
    const changed = source.split("\n")
      .filter((line, at) => line !== lines[at]);
    for (const line of changed) {
      assert.match(line, /^ \* +- use: /);
    }
    assert.equal(source.split("\n").length, lines.length);
  });
}

Deno.test("the first comment names the new file, in quotes where YAML needs them", () => {
  const useOf = (path: string) =>
    /^ \* +- use: (.+)$/m.exec(recipeText("chaos", path))?.[1];
  assert.equal(useOf("plugins/mine.ts"), "plugins/mine.ts");
  assert.equal(useOf("/etc/a_b-c.ts"), "/etc/a_b-c.ts");
  assert.equal(useOf("-mine.ts"), '"-mine.ts"');
  assert.equal(useOf("my plugin.ts"), '"my plugin.ts"');
  assert.equal(useOf('a"b.ts'), '"a\\"b.ts"');
  assert.equal(useOf("$&.ts"), '"$&.ts"');
  // It does not end the comment.
  assert.equal(useOf("a*/b.ts"), '"a*\\/b.ts"');
});

Deno.test("--recipe takes a name, and says what was meant by another", () => {
  const { schema } = RECIPE_FIELDS.recipe;
  assert.equal(schema.parse("chaos"), "chaos");
  assert.equal(schema.parse(undefined), undefined);
  assert.match(
    schema.safeParse("choas").error?.issues[0]?.message ?? "",
    /^expected add_header, .*did you mean "?chaos/s,
  );
});
