#!/usr/bin/env -S deno run -A
/**
 * The program: `sallyport`.
 *
 * @module
 */
import { main } from "./src/cli/cli.ts";

Deno.exitCode = await main(Deno.args);
