import type { PluginInstance } from "../loading/plugin_list.ts";

/** What has become of a file since it was read before. */
export type FileState = "changed" | "same" | "blank";

/** What the files of plugins contained when they were read, to find changes. */
export class PluginContents {
  readonly #contents = new Map<string, string | undefined>();

  /**
   * Reads the files of plugins, and forgets all others: a file that is created
   * again is a new one. One file can be that of several plugins. Packages do not
   * change.
   */
  async read(
    instances: readonly PluginInstance[],
  ): Promise<ReadonlyMap<string | undefined, FileState>> {
    const states = new Map<string | undefined, FileState>();
    for (const { path, root } of instances) {
      const isFile = path !== undefined && root === undefined;
      if (isFile && !states.has(path)) {
        states.set(path, await this.#stateOf(path));
      }
    }
    for (const path of this.#contents.keys()) {
      if (!states.has(path)) this.#contents.delete(path);
    }
    return states;
  }

  async #stateOf(path: string): Promise<FileState> {
    const content = await contentOf(path);
    // Editors empty or replace a file before they write it.
    if (isBlank(content)) return "blank";
    if (content === this.#contents.get(path)) return "same";
    this.#contents.set(path, content);
    return "changed";
  }
}

/** The text of a file; `undefined` if it cannot be read, which loading it reports. */
export async function contentOf(
  path: string | undefined,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await Deno.readTextFile(path);
  } catch {
    return undefined;
  }
}

/** Whether a file has nothing, or is not there. */
export function isBlank(content: string | undefined): boolean {
  return content === undefined || content.trim() === "";
}
