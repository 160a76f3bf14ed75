/**
 * Another process that works with the accounts, as `sallyport user` does:
 * `accounts_child.ts FILE add NAME` adds one user and prints the key;
 * `accounts_child.ts FILE flood` adds users and prints `NAME KEY` until killed.
 *
 * @module
 */
import { openAccounts } from "../../src/server/accounts.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;

const [file = "", action, name = ""] = Deno.args;
using accounts = openAccounts(file, { cost: CHEAP });
if (action === "add") {
  await print(await accounts.addUser(name));
}
for (let count = 0; action === "flood"; count++) {
  await print(`user${count} ${await accounts.addUser(`user${count}`)}`);
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}
