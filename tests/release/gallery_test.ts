import { equal, match } from "node:assert/strict";
import { RECIPE_NAMES } from "../../src/cli/plugin/recipes.ts";
import { GALLERY, galleryPage } from "./gallery.ts";

Deno.test("the gallery is made of the recipes (else: deno task gallery)", async () => {
  const text = await Deno.readTextFile(GALLERY);

  equal(text, await galleryPage());
  for (const name of RECIPE_NAMES) {
    // Each has a row with a sentence and a hook.
    match(text, new RegExp(`^\\| \\[${name}\\].*?\\| \\w.*?\\| \`\\w+\``, "m"));
  }
});
