/**
 * Another process that works with the accounts, as `sallyport user` does:
 * `accounts_child.ts FILE add NAME` adds one user and prints the key;
 * `accounts_child.ts FILE flood` adds users and prints `NAME KEY` until killed;
 * `accounts_child.ts FILE churn NAME` adds, changes and removes users and keys
 * and prints `USER KEY-NAME KEY` of the keys that stay, until killed.
 *
 * @module
 */
import { KEY_SCOPES } from "../../src/api/resources/account_types.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;

const [file = "", action, name = ""] = Deno.args;
using accounts = openAccounts(file, { cost: CHEAP });
if (action === "add") {
  await print(await accounts.addUser(name));
}
for (let count = 0; action === "flood"; count++) {
  await print(`user${count} ${await accounts.addUser(`user${count}`)}`);
}
for (let count = 0; action === "churn"; count++) {
  const user = `${name}${count}`;
  await accounts.addUser(user, { role: "service" });
  for (const scope of KEY_SCOPES) {
    await accounts.addKey(user, { name: scope, scope });
  }
  await accounts.revokeKey(user, "use");
  await accounts.setMembership(user, { role: "member", team: "web" });
  const key = await accounts.addKey(user, { name: "kept", scope: "read" });
  if (count % 2 === 0) await print(`${user} kept ${key}`);
  else await accounts.removeUser(user);
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}
