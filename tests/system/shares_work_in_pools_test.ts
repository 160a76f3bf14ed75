/** Row 57, and what jobs add to it: members of a pool share the work, and a job stays with one. */
import assert from "node:assert/strict";
import type { Client } from "../../src/client/client.ts";
import type { Server } from "../../src/server/server.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { ProxyConnection } from "../testing/proxy_connection.ts";
import {
  proxyCredentials,
  startTestClient,
  startTestServer,
  USER,
} from "../testing/running_system.ts";
import { get, open, type Opening } from "./browser.ts";
import { callRest } from "./rest_calls.ts";

const MEMBERS = 4;

interface Pool extends AsyncDisposable {
  readonly server: Server;
  readonly clients: readonly Client[];
  readonly origin: Origin;
}

async function startPool(): Promise<Pool> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startTestServer());
  const origin = stack.use(await startOrigin());
  const clients = [];
  for (let number = 0; number < MEMBERS; number += 1) {
    const client = await startTestClient(server, {
      tunnelPool: true,
      metadata: { number: `${number}`, half: `${number % 2}` },
    });
    clients.push(stack.use(client));
  }
  const parts = stack.move();
  return {
    server,
    clients,
    origin,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function restOf({ server: { url, ca } }: Pool) {
  return { url: url.replace(/\/$/, ""), caFile: ca?.file ?? assert.fail() };
}

/** How many requests each member has under way. */
async function jobsOf(pool: Pool): Promise<number[]> {
  return await Promise.all(pool.clients.map(async ({ tunnel }) => {
    const path = `/${tunnel.id}/num_jobs`;
    const { status, data } = await callRest(restOf(pool), { path });
    return status === 200 ? Number(data["jobs_running"]) : -1;
  }));
}

/** Begins requests that go on until the test ends. */
async function begin(
  { server, origin }: Pool,
  { count, user = "demo+lab" }: { count: number; user?: string },
): Promise<Disposable> {
  using stack = new DisposableStack();
  const proxy = {
    port: server.proxyAddress.port,
    credentials: `${user}:${USER.key}`,
  };
  const begun: Promise<Opening>[] = Array.from(
    { length: count },
    () => open(`http://origin.test:${origin.port}/hold-body/never`, proxy),
  );
  for (const opening of await Promise.all(begun)) stack.use(opening);
  return stack.move();
}

Deno.test("100 requests over 4 members are 25 each, and a member that goes leaves its work to the others (row 57)", async () => {
  await using pool = await startPool();
  const before = await jobsOf(pool);
  using _first = await begin(pool, { count: 100 });
  const shares = await jobsOf(pool);

  await pool.clients[3]?.[Symbol.asyncDispose]();
  using _second = await begin(pool, { count: 30 });
  const later = await jobsOf(pool);

  assert.deepEqual(before, [0, 0, 0, 0]);
  for (const share of shares) assert.ok(Math.abs(share - 25) <= 1, `${shares}`);
  for (const share of later.slice(0, 3)) {
    assert.ok(Math.abs(share - 35) <= 1, `${later}`);
  }
});

Deno.test("the requests of a job named in the user name use one member", async () => {
  await using pool = await startPool();

  using _first = await begin(pool, { count: 20, user: "demo+lab;job=a" });
  using _second = await begin(pool, { count: 10, user: "demo+lab;job=b" });

  const shares = await jobsOf(pool);
  assert.deepEqual(shares.toSorted((a, b) => b - a), [20, 10, 0, 0]);
});

Deno.test("the requests of a job named in a field use one member, and sites do not see the field", async () => {
  await using pool = await startPool();
  const { username, password } = proxyCredentials();
  const access = {
    proxyAddress: pool.server.proxyAddress,
    authorization: `Basic ${btoa(`${username}:${password}`)}`,
  };
  const fields = [["X-Sallyport-Job", "nightly-7"]] as const;
  using stack = new DisposableStack();
  for (let count = 0; count < 8; count += 1) {
    const browser = stack.use(
      await ProxyConnection.open(access, { site: pool.origin }),
    );
    await browser.raw.send(browser.head("GET", "/hold-body/never", fields));
    await browser.answer();
  }
  using other = await ProxyConnection.open(access, { site: pool.origin });
  const echo = await other.exchange("GET", "/headers", { fields });

  const shares = await jobsOf(pool);
  assert.deepEqual(shares.toSorted((a, b) => b - a), [8, 0, 0, 0]);
  const seen = await echo.text();
  assert.match(seen, /x-forwarded-for/i);
  assert.doesNotMatch(seen, /nightly-7/);
});

Deno.test("one call stops the tunnels with certain metadata and no other", async () => {
  await using pool = await startPool();
  const ids = pool.clients.map(({ tunnel }) => tunnel.id);
  const rest = restOf(pool);
  const proxy = {
    port: pool.server.proxyAddress.port,
    credentials: `demo+lab:${USER.key}`,
  };

  const unnamed = await callRest(rest, { method: "DELETE", path: "" });
  const wrong = await callRest(rest, {
    method: "DELETE",
    path: "?metadata=half",
  });
  const none = await callRest(rest, {
    method: "DELETE",
    path: "?metadata=half=1,number=0",
  });
  const some = await callRest(rest, {
    method: "DELETE",
    path: "?metadata=half=1",
  });
  await Promise.allSettled([1, 3].map((at) => pool.clients[at]?.done));
  const page = await get(
    `http://origin.test:${pool.origin.port}/bytes/1`,
    proxy,
  );

  assert.equal(unnamed.status, 400);
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /expected name=value,\.\.\./);
  assert.deepEqual(none.data["ids"], []);
  assert.deepEqual(
    new Set(JSON.parse(some.text).ids),
    new Set([ids[1], ids[3]]),
  );
  assert.equal(page.status, 200);
});
