// Tells when the files of a plugin test change.
import { setTimeout as delay } from "node:timers/promises";
import { dirname, resolve } from "node:path";

/** Events that count: reading a file is one too. */
const CHANGES: ReadonlySet<string> = new Set([
  "create",
  "modify",
  "rename",
  "remove",
]);

/** What plugins import, and what their tests are made of. */
const SOURCES = /\.(?:[mc]?[jt]s|json|ya?ml|toml|har)$/;

/** Milliseconds from the first event of a change to its last. */
const SETTLE = 50;

/**
 * Watches the folders of files from now on, and yields after each change in
 * them. What comes together, and what comes while nobody asks, is one change.
 *
 * @param files All sources beside them count too: a plugin may import them.
 * @param signal Ends it.
 */
export function fileChanges(
  files: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<void> {
  const named = new Set(files.map((file) => resolve(file)));
  const folders = [...new Set([...named].map((file) => dirname(file)))];
  const watcher = Deno.watchFs(folders, { recursive: false });
  let isDue = false;
  let wake = () => {};
  const reading = read();
  signal.addEventListener("abort", () => watcher.close(), { once: true });
  return changes();

  async function read(): Promise<void> {
    for await (const { kind, paths } of watcher) {
      const isOurs = paths.some((path) =>
        named.has(path) || SOURCES.test(path)
      );
      if (!CHANGES.has(kind) || !isOurs) continue;
      isDue = true;
      wake();
    }
    wake();
  }

  async function* changes(): AsyncGenerator<void> {
    while (!signal.aborted) {
      if (!isDue) await new Promise<void>((resolve) => wake = resolve);
      if (signal.aborted) break;
      // What an editor does to a file is several events.
      await delay(SETTLE);
      isDue = false;
      yield;
    }
    await reading;
  }
}
