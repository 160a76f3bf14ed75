#!/usr/bin/env -S deno run -P --no-prompt
/**
 * The program: `sallyport`.
 *
 * @module
 */
import { main } from "./src/cli/cli.ts";

// A plugin that loops keeps its worker, and the process with it.
Deno.exit(await main(Deno.args));
