import assert from "node:assert/strict";

import { ClientError } from "../../src/client/errors.ts";
import { EXIT_CODES_HELP, exitCodeOf } from "../../src/cli/exit_code.ts";
import { ConfigError } from "../../src/config/errors.ts";
import { AccountError } from "../../src/server/accounts/accounts.ts";
import { DataDirectoryInUseError } from "../../src/store/data_directory.ts";
import { DatabaseError } from "../../src/store/database.ts";

const ERRORS = [
  [new ConfigError("required", "x"), 1],
  [new AccountError("nameTaken", "x"), 1],
  [new DatabaseError("x"), 1],
  [new DataDirectoryInUseError("x"), 7],
  [new ClientError("refused", "x"), 1],
  [new ClientError("unreachable", "x"), 2],
  [new ClientError("ended", "x"), 3],
  [new ClientError("replaced", "x"), 4],
  [new Error("x"), 7],
  ["x", 7],
] as const;

for (const [error, code] of ERRORS) {
  Deno.test(`exitCodeOf() gives ${code} for ${String(error)}`, () => {
    assert.equal(exitCodeOf(error, 7), code);
  });
}

Deno.test("the help explains every exit code once, in order", () => {
  const codes = EXIT_CODES_HELP.map(([code]) => code);

  assert.deepEqual(codes, [0, 1, 2, 3, 4, 130]);
});
