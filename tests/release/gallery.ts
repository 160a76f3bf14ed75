/**
 * `deno task gallery`: the page with all recipes for plugins, made of the files
 * in `plugins/`.
 *
 * @module
 */
import { basename } from "node:path";
import { RECIPE_NAMES } from "../../src/cli/plugin/recipes.ts";
import { run } from "../testing/process.ts";

/** The page. */
export const GALLERY: URL = new URL(
  "../../.github/guides/gallery.md",
  import.meta.url,
);

const PLUGINS = new URL("../../plugins/", import.meta.url);

const HEAD = `# Gallery of plugins

<!-- Made by "deno task gallery" of the files in plugins/. -->

Each recipe is one file. Copy it, or start from it:

\`\`\`sh
sallyport plugin new my_plugin --recipe chaos
\`\`\`

That writes \`plugins/my_plugin.ts\` with its types. [Plugins](../../plugins/README.md)
explains how they work, and how to test them.
`;

/** A recipe, as its file describes itself. */
interface Recipe {
  readonly name: string;
  /** Its path from the folder of the page. */
  readonly path: string;
  /** The first comment, as Markdown. */
  readonly comment: string;
  readonly hooks: readonly string[];
}

/** The page as it should be. */
export async function galleryPage(): Promise<string> {
  const recipes = await Promise.all(RECIPE_NAMES.map(readRecipe));
  const rows = recipes.map(({ name, path, comment, hooks }) =>
    `| [${name}](#${name}) | ${firstSentence(comment)} | ` +
    `${hooks.map((hook) => `\`${hook}\``).join(", ")} | [code](${path}) |`
  );
  const table = ["| Recipe | What it does | Hooks | |", "|---|---|---|---|"];
  const sections = recipes.map(({ name, comment }) =>
    `## ${name}\n\n${comment}\n`
  );
  const text = [HEAD, ...table, ...rows, "", ...sections].join("\n");
  const { stdout } = await run(Deno.execPath(), ["fmt", "--ext=md", "-"], {
    input: text,
  });
  return stdout;
}

async function readRecipe(name: string): Promise<Recipe> {
  for (const folder of ["", "cookbook/"]) {
    const path = `${folder}${name}.ts`;
    const text = await Deno.readTextFile(new URL(path, PLUGINS))
      .catch(() => undefined);
    if (text === undefined) continue;
    return {
      name: basename(path, ".ts"),
      path: `../../plugins/${path}`,
      comment: commentOf(text),
      hooks: [...new Set(text.match(HOOK)?.map((each) => each.trim()))],
    };
  }
  throw new Error(`There is no file of the recipe ${name}`);
}

/** A hook of a plugin, where its object has it. */
const HOOK =
  /(?<=^ {2}(?:async )?)(?:setup|connect|resolve|request|response|message|tunnel)(?=[(:])/gm;

function commentOf(text: string): string {
  const [, comment = ""] = /^\/\*\*\n(.*?)\n \*\//s.exec(text) ?? [];
  return comment.replace(/^ \* ?/gm, "").trim()
    // The documents hold such blocks to other rules.
    .replace(/^```yaml$/gm, "```yml").replace(/^```ts$/gm, "```ts ignore");
}

/** Its first sentence, on one line, without what introduces a block. */
function firstSentence(comment: string): string {
  const [paragraph = ""] = comment.split("\n\n");
  const [sentence = ""] = paragraph.replaceAll("\n", " ").split(/(?<=\.) /);
  return sentence.replace(/[.:]$/, "");
}

if (import.meta.main) await Deno.writeTextFile(GALLERY, await galleryPage());
