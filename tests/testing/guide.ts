/**
 * The examples of a guide, so that tests run what people will copy.
 *
 * @module
 */

/**
 * The first block of `language` under the heading `section` of `.github/guides/NAME.md`.
 *
 * @param replacements What stands in the guide → what is so in the test; each must be there.
 */
export async function exampleOf(
  guide: string,
  { section, language, replacements }: {
    readonly section: string;
    readonly language: string;
    readonly replacements: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const url = new URL(`../../.github/guides/${guide}.md`, import.meta.url);
  const text = await Deno.readTextFile(url);
  const [, after = ""] = text.split(`\n## ${section}\n`);
  const [, block] =
    new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(after) ?? [];
  if (block === undefined) {
    throw new Error(`Cannot find ${language} under "${section}" in ${guide}`);
  }
  return Object.entries(replacements).reduce((example, [from, to]) => {
    if (!example.includes(from)) throw new Error(`No "${from}" in ${example}`);
    return example.replaceAll(from, to);
  }, block);
}
