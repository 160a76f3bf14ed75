/*
 * Plugin files that exist for one test.
 */
import { join } from "node:path";

/** A folder of files. */
export interface TempPlugins extends AsyncDisposable {
  readonly directory: string;
  /** The path of a file. */
  path(name: string): string;
  /** Writes a file, or writes it again. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Makes a folder with these files; names may lead into sub-folders. */
export async function tempPlugins(
  files: Readonly<Record<string, string>>,
): Promise<TempPlugins> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const path = (name: string) => join(directory, name);
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(join(path(name), ".."), { recursive: true });
    await Deno.writeTextFile(path(name), text);
  }
  return {
    directory,
    path,
    write: (name, text) => Deno.writeTextFile(path(name), text),
    remove: (name) => Deno.remove(path(name)),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
