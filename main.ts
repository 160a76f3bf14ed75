#!/usr/bin/env -S deno run -P --no-prompt
/**
 * The program: `sallyport`.
 *
 * @module
 */
import { main } from "./src/cli/cli.ts";
import { errorsWritten } from "./src/cli/context.ts";

const code = await main(Deno.args);
await errorsWritten();
// A plugin that loops keeps its worker, and the process with it.
Deno.exit(code);
