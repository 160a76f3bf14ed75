/**
 * Runs the command line inside the test, with parts that only pretend.
 *
 * @module
 */
import assert from "node:assert/strict";

import { main } from "../../src/cli/cli.ts";
import type { Parts, Stoppable } from "../../src/cli/parts.ts";
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
  readonly parts?: Partial<Parts>;
  /** Gets the permissions that the command gave back. */
  readonly givenUp?: string[];
}

/** A part that is over at once, or has failed. */
export function finished(error?: Error): Stoppable {
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
  { variables = {}, parts = {}, givenUp = [] }: RunOptions = {},
): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const unexpected = () => assert.fail("This part must not be started");
  const code = await main(args, {
    parts: {
      startClient: unexpected,
      startServer: unexpected,
      openAccounts,
      ...parts,
    },
    context: {
      environment: (name) => variables[name],
      print: (text) => void (stdout += text),
      complain: (message) => void (stderr += `sallyport: ${message}\n`),
      // For as long as the process lives, which others use as well.
      giveUp: (kinds) => Promise.resolve(void givenUp.push(...kinds)),
    },
  });
  return { code, stdout, stderr };
}
