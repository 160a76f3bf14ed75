/** Promise: members of a pool share the work, and a job stays with one of them. */
import assert from "node:assert/strict";
import {
  type JobListReply,
  jobListReply,
} from "../../src/api/resources/tunnel_replies.ts";
import type { Client } from "../../src/client/client.ts";
import type { Server } from "../../src/server/server.ts";
import { within } from "../testing/deadline.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import {
  BrowserConnection,
  get,
  open,
  type Opening,
} from "../testing/browser.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
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

/** What the REST API says about the jobs of each member; empty of one that is gone. */
async function jobsOf(pool: Pool): Promise<Partial<JobListReply>[]> {
  return await Promise.all(pool.clients.map(async ({ tunnel }) => {
    const path = `/${tunnel.id}/jobs`;
    const { status, text } = await callRest(restOf(pool), { path });
    return status === 200 ? jobListReply.parse(JSON.parse(text)) : {};
  }));
}

/** How many running requests each member has. */
async function sharesOf(pool: Pool): Promise<number[]> {
  return (await jobsOf(pool)).map(({ jobs = [], other_exchanges = 0 }) =>
    jobs.reduce((sum, { exchanges }) => sum + exchanges, other_exchanges)
  );
}

/** Begins requests that go on until the test ends. */
async function begin(
  { server, origin }: Pool,
  { count, user = "demo+lab", held = "never" }: {
    readonly count: number;
    readonly user?: string;
    /** What the site releases them by. */
    readonly held?: string;
  },
): Promise<Disposable> {
  using stack = new DisposableStack();
  const proxy = {
    port: server.proxyAddress.port,
    credentials: `${user}:${USER.key}`,
  };
  const begun: Promise<Opening>[] = Array.from(
    { length: count },
    () => open(`http://origin.test:${origin.port}/hold-body/${held}`, proxy),
  );
  for (const opening of await Promise.all(begun)) stack.use(opening);
  return stack.move();
}

Deno.test("100 requests over 4 members are 25 each, and a member that goes leaves its work to the others", async () => {
  await using pool = await startPool();
  const before = await sharesOf(pool);
  using _first = await begin(pool, { count: 100 });
  const shares = await sharesOf(pool);

  await pool.clients[3]?.[Symbol.asyncDispose]();
  using _second = await begin(pool, { count: 30 });
  const later = await sharesOf(pool);

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

  const shares = await sharesOf(pool);
  assert.deepEqual(shares.toSorted((a, b) => b - a), [20, 10, 0, 0]);
});

Deno.test("the requests of a job named in a field use one member, and sites do not see the field", async () => {
  await using pool = await startPool();
  const proxy = { ...pool.server.proxyAddress, credentials: CREDENTIALS };
  const fields = [["X-Sallyport-Job", "nightly-7"]] as const;
  using stack = new DisposableStack();
  for (let count = 0; count < 8; count += 1) {
    const browser = stack.use(
      await BrowserConnection.open(proxy, { site: pool.origin }),
    );
    await browser.raw.send(browser.head("GET", "/hold-body/never", fields));
    await browser.answer();
  }
  using other = await BrowserConnection.open(proxy, { site: pool.origin });
  const echo = await other.exchange("GET", "/headers", { fields });

  const shares = await sharesOf(pool);
  assert.deepEqual(shares.toSorted((a, b) => b - a), [8, 0, 0, 0]);
  const seen = await echo.text();
  assert.match(seen, /x-forwarded-for/i);
  assert.doesNotMatch(seen, /nightly-7/);
});

Deno.test("a job is one, however many requests it has, and is over with the last of them", async () => {
  await using pool = await startPool();
  using _other = await begin(pool, { count: 2 });
  using _more = await begin(pool, { count: 3, user: "demo+lab;job=b" });

  const job = { user: "demo+lab;job=a", held: "a" };
  using _first = await begin(pool, { count: 5, ...job });
  const members = await jobsOf(pool);
  pool.origin.release("a");

  const a = members.flatMap(({ jobs = [] }) => jobs)
    .find(({ id }) => id === "a");
  const running = members.map(({ jobs_running: count = 0 }) => count);
  assert.equal(a?.exchanges, 5);
  assert.ok(Math.abs(a.since - Date.now() / 1000) < 60);
  assert.equal(running.reduce((sum, count) => sum + count), 4);
  const count = async () =>
    (await jobsOf(pool)).flatMap(({ jobs = [] }) => jobs).length;
  await within(until(async () => await count() === 1), "job a to be over");
});

/** Asks until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo());
}

Deno.test("a tunnel that is stopped waits for its jobs, and no longer than its wait parameter", async () => {
  await using pool = await startPool();
  using _held = await begin(pool, { count: 8, user: "demo+lab;job=a" });
  const ids = (await jobsOf(pool)).filter(({ jobs = [] }) => jobs.length > 0)
    .map(({ id = "" }) => id);
  const [id] = ids;

  const wrong = await callRest(restOf(pool), {
    method: "DELETE",
    path: `/${id}?wait=0&drain_timeout=1`,
  });
  const stopped = await callRest(restOf(pool), {
    method: "DELETE",
    path: `/${id}?drain_timeout=1`,
  });
  const member = pool.clients.find(({ tunnel }) => tunnel.id === id);
  const statusOf = async () => {
    const { data } = await callRest(restOf(pool), { path: `/${id}` });
    return data["status"];
  };
  const during = await statusOf();
  await within(Promise.allSettled([member?.done]), "the client to end");
  await within(
    until(async () => await statusOf() === "terminated"),
    "the tunnel to end",
  );

  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /drain_timeout.*says how long to wait/);
  assert.deepEqual(ids.length, 1);
  assert.equal(stopped.data["jobs_running"], 1);
  assert.equal(during, "running");
});

Deno.test("one call stops the tunnels with certain metadata and no other", async () => {
  await using pool = await startPool();
  const ids = pool.clients.map(({ tunnel }) => tunnel.id);
  const rest = restOf(pool);
  const proxy = {
    port: pool.server.proxyAddress.port,
    credentials: CREDENTIALS,
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
