import assert from "node:assert/strict";
import { tableRow } from "../../../src/cli/commands/account_command.ts";

Deno.test("tableRow() keeps what users have written in its column and in its line", () => {
  const reason = "done\tkey_created\nforged \u001b]0;owned\u0007\u009b2J";

  assert.equal(
    tableRow(["ann", undefined, reason]),
    "ann\t-\tdone\\u0009key_created\\u000aforged " +
      "\\u001b]0;owned\\u0007\\u009b2J\n",
  );
});
