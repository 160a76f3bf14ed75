import assert from "node:assert/strict";
import { databasePath } from "../../src/config/data_dir.ts";
import {
  type Accounts,
  openAccounts,
} from "../../src/server/accounts/accounts.ts";
import type { Server } from "../../src/server/server.ts";
import { startOrigin } from "../testing/origin.ts";
import { get, type Page } from "../testing/browser.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { temporaryDirectory } from "./programs.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const OTHER = { name: "other", key: "other-key-123456" } as const;

interface World extends AsyncDisposable {
  readonly server: Server;
  /** As the command line works with them beside the server. */
  readonly accounts: Accounts;
}

/** A running server, with a second user and a second organization. */
async function startWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { path: dataDir } = stack.use(await temporaryDirectory());
  const server = stack.use(await startTestServer({ dataDir, users: [OTHER] }));
  const accounts = stack.use(
    openAccounts(databasePath(dataDir), { cost: CHEAP }),
  );
  await accounts.organizations.add("acme");
  const parts = stack.move();
  return {
    server,
    accounts,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function asking(
  server: Server,
  url: string,
): (credentials: string) => Promise<Page> {
  const { port } = server.proxyAddress;
  return (credentials) => get(url, { port, credentials });
}

Deno.test("a shared tunnel is for the organization, and to others as if it were not there", async () => {
  await using world = await startWorld();
  await using origin = await startOrigin();
  await using _lab = await startTestClient(world.server, { shared: "all" });
  const ask = asking(world.server, `http://origin.test:${origin.port}/`);

  const inside = await ask(`other+lab:${OTHER.key}`);
  await world.accounts.setMembership(OTHER.name, { organization: "acme" });
  const outside = await ask(`other+lab:${OTHER.key}`);
  const nothing = await ask(`other+none:${OTHER.key}`);
  const byOwner = await ask(`other+demo+lab:${OTHER.key}`);

  assert.deepEqual([inside.status, outside.status], [200, 503]);
  assert.equal(outside.text.replaceAll("lab", "none"), nothing.text);
  assert.equal(byOwner.text.replaceAll("demo+lab", "none"), nothing.text);
});

Deno.test("a key for starting starts a tunnel, and a key for using uses it", async () => {
  await using world = await startWorld();
  await using origin = await startOrigin();
  const [start, use] = await Promise.all(
    (["start", "use"] as const).map((scope) =>
      world.accounts.addKey(USER.name, { name: scope, scope })
    ),
  );
  await using _lab = await startTestClient(world.server, {
    accessKey: start ?? "",
  });
  const ask = asking(world.server, `http://origin.test:${origin.port}/`);

  const used = await ask(`demo+lab:${use}`);
  const started = await ask(`demo+lab:${start}`);

  assert.deepEqual([used.status, started.status], [200, 403]);
  assert.match(started.error ?? "", /^denied_scope /);
  await assert.rejects(
    startTestClient(world.server, { accessKey: use ?? "" }),
    /Permission denied: key "use" has scope "use", use a key of scope "all" or "start"$/,
  );
  const read = await world.accounts.addKey(USER.name, {
    name: "read",
    scope: "read",
  });
  await assert.rejects(
    startTestClient(world.server, { accessKey: read }),
    /key "read" has scope "read", use a key of scope "all" or "start"$/,
  );
});

Deno.test("an expired key is called expired by client, API, page and proxy, and a wrong one is not", async () => {
  await using world = await startWorld();
  await using origin = await startOrigin();
  const { url, ca } = world.server;
  const expiresAt = Date.UTC(2026, 0, 2, 3, 4, 5);
  const key = await world.accounts.addKey(USER.name, { name: "ci", expiresAt });
  const time = "2026-01-02 03:04:05 UTC";
  using client = Deno.createHttpClient({ caCerts: [ca?.pem ?? ""] });
  const api = async (password: string) => {
    const response = await fetch(`${url}rest/v1/demo/tunnels`, {
      client,
      headers: { "Authorization": `Basic ${btoa(`demo:${password}`)}` },
    });
    return [response.status, await response.json()];
  };
  const page = async (password: string) => {
    const response = await fetch(`${url}login`, {
      client,
      method: "POST",
      headers: { "Origin": new URL(url).origin },
      body: new URLSearchParams({ username: "demo", key: password }),
    });
    return await response.text();
  };
  const ask = asking(world.server, `http://origin.test:${origin.port}/`);

  await assert.rejects(startTestClient(world.server, { accessKey: key }), {
    code: "unauthorized",
    message:
      `Cannot log in: access key "ci" expired at ${time}, create another one`,
  });
  assert.deepEqual(await api(key), [401, {
    error:
      `Cannot log in: access key "ci" expired at ${time}, create another one`,
  }]);
  assert.match(await page(key), new RegExp(`ci&quot; expired at ${time}\\.`));
  const proxied = await ask(`demo+lab:${key}`);
  assert.equal(proxied.status, 407);
  assert.match(proxied.text, new RegExp(`\n.*"ci" expired at ${time}\n$`));
  assert.deepEqual(await api("wrong"), [401, {
    error: "Cannot log in: user name or access key is wrong",
  }]);
  assert.doesNotMatch((await ask("demo+lab:wrong")).text, /expired/);
});

Deno.test("a limit that is set beside the running server holds for the whole organization", async () => {
  await using world = await startWorld();
  await world.accounts.organizations.limit("default", 1);
  await using _lab = await startTestClient(world.server);
  const start = () =>
    startTestClient(world.server, {
      username: OTHER.name,
      accessKey: OTHER.key,
    });

  await assert.rejects(
    start(),
    /Too many active tunnels of organization "default": 2 > 1/,
  );
  await world.accounts.organizations.limit("default", 2);
  await using _second = await start();
});

Deno.test("the audit log has a user's first use of another's tunnel, and not every request", async () => {
  await using world = await startWorld();
  await using origin = await startOrigin();
  await using _lab = await startTestClient(world.server, { shared: "all" });
  const ask = asking(world.server, `http://origin.test:${origin.port}/`);
  for (let count = 0; count < 3; count += 1) {
    await ask(`other+lab:${OTHER.key}`);
    await ask(CREDENTIALS);
  }

  const rows = (await world.accounts.audit.read({ limit: 100 }))
    .filter(({ action }) => action.startsWith("tunnel_"))
    .map(({ by, action, user, object }) => [
      ...[by.user, by.key, by.address],
      ...[action, user, object],
    ]);

  assert.deepEqual(rows, [
    ["other", "default", "127.0.0.1", "tunnel_used", "demo", "lab"],
    ["demo", "default", "127.0.0.1", "tunnel_started", "demo", "lab"],
  ]);
});
