#!/usr/bin/env -S deno run -P --no-prompt
/**
 * The program: `sallyport`.
 *
 * @module
 */
// First: it gives up the permission to start programs before others load.
import "./src/cli/launch/give_up.ts";
import { main } from "./src/cli/cli.ts";
import { errorsWritten, PROCESS_CONTEXT } from "./src/cli/context.ts";
import { trustSystem } from "./src/net/tls/system_trust.ts";

// Before any connection: the runtime asks once.
const untrusted = trustSystem();
if (untrusted !== undefined) PROCESS_CONTEXT.printError(untrusted);
const code = await main(Deno.args);
await errorsWritten();
// A plugin that loops keeps its worker, and the process with it.
Deno.exit(code);
