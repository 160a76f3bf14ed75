/**
 * A project of one module with tests, in a temporary folder.
 *
 * @module
 */
import { join } from "node:path";

/** Its folder; disposing it deletes it. */
export interface Project extends AsyncDisposable {
  readonly root: string;
}

/** Writes `files`, a text for each path. */
export async function project(
  files: Readonly<Record<string, string>>,
): Promise<Project> {
  const folder = await Deno.makeTempDir();
  const root = join(folder, "root");
  const permissions = { permissions: { test: {} } };
  const all = { "deno.json": JSON.stringify(permissions), ...files };
  for (const [path, text] of Object.entries(all)) {
    await Deno.mkdir(join(root, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(root, path), text);
  }
  return {
    root,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
