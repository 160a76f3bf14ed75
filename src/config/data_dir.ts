// The default place of durable data.
import { join } from "node:path";

import type { Environment } from "./sources/environment.ts";

/**
 * The user's data directory for this program. It does not depend on the
 * working directory, so that `user add` and `server` use the same one.
 *
 * @returns `undefined` for users without a home directory, such as services.
 */
export function defaultDataDir(
  environment: Environment = (name) => Deno.env.get(name),
): string | undefined {
  const base = environment("XDG_DATA_HOME") || environment("LOCALAPPDATA");
  if (base) return join(base, "sallyport");
  const home = environment("HOME") || environment("USERPROFILE");
  return home ? join(home, ".local", "share", "sallyport") : undefined;
}

/** The path of the database in a data directory. */
export function databasePath(dataDir: string): string {
  return join(dataDir, "sallyport.db");
}
