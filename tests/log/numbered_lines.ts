/**
 * A process that logs a numbered line for every byte it reads. With a log file
 * it prints a byte for every read.
 *
 * Usage: `numbered_lines.ts [log file]`
 *
 * @module
 */
import { configureLog } from "../../src/log/configure.ts";
import { logger } from "../../src/log/log.ts";

await using _log = await configureLog({ file: Deno.args[0] });
const log = logger("control");
let number = 0;
for await (const bytes of Deno.stdin.readable) {
  for (const _ of bytes) log.info("line", { number: ++number });
  if (Deno.args[0] !== undefined) await Deno.stdout.write(new Uint8Array(1));
}
