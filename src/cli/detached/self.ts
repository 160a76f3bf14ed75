// How this program starts itself once more.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LaunchedCommand } from "../launch/launcher_worker.ts";

/** This program with other arguments and the same permissions. */
export function thisProgramWith(args: readonly string[]): LaunchedCommand {
  const command = Deno.execPath();
  if (Deno.build.standalone) return { command, args };
  const main = fileURLToPath(Deno.mainModule);
  // In the npm package the program is JavaScript, and brings all its packages.
  const isPacked = main.endsWith(".js");
  return {
    command,
    args: [
      "run",
      "--quiet",
      "--permission-set",
      "--no-prompt",
      ...isPacked ? ["--no-remote", "--node-modules-dir=manual"] : [],
      "--config",
      join(dirname(main), "deno.json"),
      main,
      ...args,
    ],
  };
}
