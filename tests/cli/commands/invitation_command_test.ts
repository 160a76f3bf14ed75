import assert from "node:assert/strict";

import { openAccounts } from "../../../src/server/accounts/accounts.ts";
import { sallyport } from "../harness.ts";

const TOKEN =
  /^https:\/\/lab\.example:8443\/invitation\?token=([0-9a-f]{12}\.[\w-]{43})\n$/;

Deno.test("an invitation is made, listed, used and revoked at the command line", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const run = (...args: readonly string[]) =>
      sallyport([...args, `--data-dir=${dir}`]);
    await run("user", "add", "ann");

    const made = await run(
      ...["invitation", "create", "--team=web", "--expires-in=1h"],
      "--external-url=https://lab.example:8443",
    );
    const [, token = ""] = TOKEN.exec(made.stdout) ?? [];
    assert.ok(token, made.stdout + made.stderr);
    using accounts = openAccounts(`${dir}/sallyport.db`);
    await accounts.invitations.accept(token, "jo");
    const second = await run("invitation", "create");
    const id = /token=(\w+)\./.exec(second.stdout)?.[1] ?? "";
    const listed = await run("invitation", "list");
    assert.match(listed.stdout, / member +default +web +\(operator\) +jo\n/);
    assert.ok(!listed.stdout.includes(token.split(".")[1] ?? ""));
    assert.equal(
      (await run("invitation", "revoke", id)).stdout,
      `revoked ${id}\n`,
    );
    const again = await run("invitation", "revoke", id);

    assert.notEqual(again.code, 0);
    assert.match(again.stderr, /no unused one has this id, see "sallyport inv/);
    assert.equal((await run("user", "disable", "jo")).stdout, "disabled jo\n");
    assert.match((await run("user", "list")).stdout, /\njo .* disabled\n/);
    assert.equal((await run("user", "enable", "jo")).stdout, "enabled jo\n");
    const last = await run("user", "disable", "ann");
    assert.match(last.stderr, /Cannot disable user "ann": .* no other admin/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
