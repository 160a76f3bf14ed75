/**
 * Runs the command line inside the test, with parts that only pretend.
 *
 * @module
 */
import assert from "node:assert/strict";

import { main } from "../../src/cli/cli.ts";
import type { Service, Services } from "../../src/cli/services.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly services?: Partial<Services>;
  /** Gets the permissions that the command gave back. */
  readonly revoked?: string[];
}

/** A part that is over at once, or has failed. */
export function finished(error?: Error): Service {
  const done = error === undefined ? Promise.resolve() : Promise.reject(error);
  done.catch(() => {});
  return {
    done,
    stop: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Runs a command. The log is not in `stdout`: give it a file. */
export async function sallyport(
  args: readonly string[],
  { variables = {}, services = {}, revoked = [] }: RunOptions = {},
): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const unexpectedArgument = () => assert.fail("This part must not be started");
  const code = await main(args, {
    services: {
      startClient: unexpectedArgument,
      startServer: unexpectedArgument,
      openAccounts,
      ...services,
    },
    context: {
      environment: (name) => variables[name],
      print: (text) => void (stdout += text),
      printError: (message) => void (stderr += `sallyport: ${message}\n`),
      // For as long as the process lives, which others use as well.
      revokePermissions: (kinds) =>
        Promise.resolve(void revoked.push(...kinds)),
    },
  });
  return { code, stdout, stderr };
}
