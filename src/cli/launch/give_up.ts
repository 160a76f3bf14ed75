/*
 * Imported before all else: gives up the permission to start programs, unless
 * the command line asks for one. Then neither a package nor a plugin has it.
 */
import { startsPrograms } from "./command_line.ts";

if (!startsPrograms(Deno.args)) Deno.permissions.revokeSync({ name: "run" });
