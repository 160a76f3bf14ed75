/**
 * Runs the command line inside the test, with fake services.
 */
import assert from "node:assert/strict";

import { main } from "../../src/cli/cli.ts";
import {
  type Service,
  SERVICES,
  type Services,
} from "../../src/cli/services.ts";

/** The result of a command. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run. */
export interface RunOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly services?: Partial<Services>;
  /** Collects the permissions that the command revoked. */
  readonly revoked?: string[];
  /** What the user replies to a question. Default: there is no terminal. */
  readonly reply?: string;
  /** What the user replies where nothing is shown. Default: there is no terminal. */
  readonly secretReply?: string;
}

/** A service that has ended, or has failed. */
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
  { variables = {}, services = {}, revoked = [], reply, secretReply }:
    RunOptions = {},
): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const unexpectedArgument = () =>
    assert.fail("This service must not be started");
  const code = await main(args, {
    services: {
      startClient: unexpectedArgument,
      startServer: unexpectedArgument,
      openAccounts: SERVICES.openAccounts,
      ...services,
    },
    context: {
      environment: (name) => variables[name],
      print: (text) => void (stdout += text),
      printError: (message) => void (stderr += `sallyport: ${message}\n`),
      ask: () => reply,
      askSecret: () => Promise.resolve(secretReply),
      openLauncher: () => assert.fail("This command must not be started"),
      // Revoking would affect the other tests of this process.
      revokePermissions: (kinds) =>
        Promise.resolve(void revoked.push(...kinds)),
    },
  });
  return { code, stdout, stderr };
}
