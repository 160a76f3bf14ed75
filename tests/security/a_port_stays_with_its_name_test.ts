/** Promise: a port without credentials leads to the tunnels of one name of one user, and to nobody else's for 30 days after they ended. */
import assert from "node:assert/strict";
import { databasePath } from "../../src/config/data_dir.ts";
import {
  type Accounts,
  openAccounts,
} from "../../src/server/accounts/accounts.ts";
import type { Server } from "../../src/server/server.ts";
import { get } from "../testing/browser.ts";
import { temporaryDirectory } from "../system/programs.ts";
import { within } from "../testing/deadline.ts";
import { freePort } from "../testing/free_port.ts";
import { startOrigin } from "../testing/origin.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { CHEAP } from "./cut_off.ts";

const DEDICATED = { dedicatedPort: true } as const;
const EVE = { name: "eve", key: "eve-key-123456" } as const;

interface World extends AsyncDisposable {
  readonly server: Server;
  readonly accounts: Accounts;
}

/** A server with one port to give, and a user of another organization. */
async function startWorld(dataDir: string, port: number): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(
    await startTestServer({
      dataDir,
      users: [EVE],
      proxyPortRange: { first: port, last: port },
    }),
  );
  const accounts = stack.use(
    openAccounts(databasePath(dataDir), { cost: CHEAP }),
  );
  if (accounts.organizations.find("umbrella") === undefined) {
    await accounts.organizations.add("umbrella");
    await accounts.setMembership(EVE.name, { organization: "umbrella" });
  }
  const parts = stack.move();
  return {
    ...{ server, accounts },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function asEve(name: string) {
  return {
    ...DEDICATED,
    username: EVE.name,
    accessKey: EVE.key,
    tunnelName: name,
  };
}

Deno.test("nobody else gets the port while its client is away, not even after a restart of the server", async () => {
  await using directory = await temporaryDirectory();
  const port = freePort();
  const { path } = directory;
  {
    await using world = await startWorld(path, port);
    const victim = await startTestClient(world.server, DEDICATED);
    assert.match(victim.tunnel.dedicatedProxy ?? "", new RegExp(`:${port}$`));
    await victim[Symbol.asyncDispose]();

    for (const name of ["lab", "other", "demo+lab"]) {
      await using eve = await startTestClient(world.server, asEve(name));
      assert.equal(eve.tunnel.dedicatedProxy, undefined);
    }
  }
  await using world = await startWorld(path, port);
  await using eve = await startTestClient(world.server, asEve("lab"));
  assert.equal(eve.tunnel.dedicatedProxy, undefined);

  await using victim = await startTestClient(world.server, DEDICATED);

  assert.match(victim.tunnel.dedicatedProxy ?? "", new RegExp(`:${port}$`));
});

Deno.test("the port of a user who is moved closes for those they have left", async () => {
  await using directory = await temporaryDirectory();
  await using origin = await startOrigin();
  const port = freePort();
  await using world = await startWorld(directory.path, port);
  await world.accounts.addUser("admin", { role: "admin" });
  await using _client = await startTestClient(world.server, DEDICATED);
  const url = `http://origin.test:${origin.port}/`;
  assert.equal((await get(url, { port })).status, 200);

  await world.accounts.setMembership("demo", { organization: "umbrella" });

  const closed = async () => {
    while (true) {
      try {
        await get(url, { port });
      } catch {
        return;
      }
    }
  };
  await within(closed(), "the port to close", 10_000);
});
