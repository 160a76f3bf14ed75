import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The text of every TypeScript file below a folder of the repository, by path from its root. */
export async function textsOf(
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const folders = [folder];
  for (const each of folders) {
    for await (const { name, isDirectory } of Deno.readDir(ROOT + each)) {
      const path = `${each}/${name}`;
      if (isDirectory) folders.push(path);
      else if (/\.tsx?$/.test(name)) {
        texts.set(path, await Deno.readTextFile(ROOT + path));
      }
    }
  }
  return texts;
}
