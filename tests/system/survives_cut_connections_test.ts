import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { databasePath } from "../../src/config/data_dir.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { Relay } from "../testing/relay.ts";
import { get, open } from "../testing/browser.ts";
import {
  type ClientProgram,
  type ProgramSystem,
  startClientProgram,
  startProgramSystem,
  startServerProgram,
} from "./programs.ts";
import { listTunnels } from "./rest_calls.ts";
import { startRestFront } from "./rest_front.ts";

/** A system with a relay between client and server, where connections can be cut. */
interface CuttableSystem extends ProgramSystem {
  readonly relay: Relay;
}

/** @param args Added to those of the client. */
async function startCuttableSystem(
  args: readonly string[] = [],
): Promise<CuttableSystem> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServerProgram());
  const relay = stack.use(await Relay.start(server.tunnelPort));
  const front = stack.use(
    await startRestFront(server, { tunnelPort: relay.port }),
  );
  const client = stack.use(await startClientProgram(front, { args }));
  const origin = stack.use(await startOrigin());
  const parts = stack.move();
  return {
    ...{ server, client, origin, relay, proxy: server.proxy },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Resolves when a client has lost so many sessions, and then has both again. */
async function untilBack(
  { process }: ClientProgram,
  lost: number,
): Promise<void> {
  const after = await process.event("connection lost", {
    backoff: /^\d+ms$/,
  }, { count: lost });
  await process.event("established connection to Sallyport server", {
    active: "2/2",
  }, { after });
}

/** One more than share a session: both sessions have some. */
const NAMES: readonly string[] = Array.from({ length: 17 }, (_, at) => `${at}`);

Deno.test("a cut connection breaks what it carries and nothing else, and is dialled again", async () => {
  await using world = await startCuttableSystem();
  const { server, client, origin, proxy, relay } = world;
  const before = await listTunnels(server);
  using stack = new DisposableStack();
  const downloads = [];
  for (const name of NAMES) {
    const url = `${origin.url}/hold-body/${name}`;
    downloads.push(stack.use(await open(url, proxy)));
  }

  relay.connections[0]?.cut();
  await untilBack(client, 1);
  for (const name of NAMES) origin.release(name);
  const rests = await Promise.allSettled(downloads.map(({ text }) => text()));

  const outcomes = new Set(rests.map(({ status }) => status));
  assert.deepEqual([...outcomes].sort(), ["fulfilled", "rejected"]);
  assert.deepEqual(await listTunnels(server), before);
  assert.equal((await get(`${origin.url}/`, proxy)).status, 200);
});

/** Begins requests on both sessions, and cuts one of them; gives the statuses of the responses. */
async function cutWhileHeld(
  { client, origin, proxy, relay }: CuttableSystem,
  method: string,
): Promise<readonly number[]> {
  const asked = NAMES.map((name) =>
    get(`${origin.url}/hold/${name}`, { ...proxy, method })
  );
  await Promise.all(NAMES.map((name) => origin.held(name)));
  relay.connections[0]?.cut();
  await client.process.event("connection lost");
  for (const name of NAMES) origin.release(name);
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  return [...new Set(statuses)].sort((a, b) => a - b);
}

/** How many requests for what is held the site got. */
function timesHeld({ heads }: Origin): number {
  return heads.filter((head) => head.includes("/hold/")).length;
}

Deno.test("a request that may come twice is sent again on another session when its own is cut", async () => {
  await using world = await startCuttableSystem();

  const statuses = await cutWhileHeld(world, "GET");

  assert.deepEqual(statuses, [200]);
  assert.ok(timesHeld(world.origin) > NAMES.length);
  await world.server.process.event("request is sent again", {
    id: /^\S+$/,
    tunnel: "lab",
    attempt: 1,
    code: "sessionLost",
  });
});

Deno.test("a request that may not come twice fails when its session is cut", async () => {
  await using world = await startCuttableSystem();

  const statuses = await cutWhileHeld(world, "POST");

  assert.deepEqual(statuses, [200, 502]);
  assert.equal(timesHeld(world.origin), NAMES.length);
});

Deno.test("the tunnel is there again after all its connections were cut", async () => {
  // The log of level info has one line for all of them.
  await using world = await startCuttableSystem(["--log-level=debug"]);
  const { server, client, origin, proxy, relay } = world;
  const before = await listTunnels(server);
  using download = await open(`${origin.url}/hold-body/x`, proxy);

  relay.cut();
  await assert.rejects(download.text());
  await untilBack(client, 2);

  assert.deepEqual(await listTunnels(server), before);
  assert.equal((await get(`${origin.url}/`, proxy)).status, 200);
  const ready = await fetch(`${client.apiUrl}readyz`);
  assert.deepEqual([ready.status, await ready.text()], [200, "OK"]);
  const info = await (await fetch(`${client.apiUrl}info`)).json();
  assert.equal(info.reconnects, 2);
  assert.equal(info.connections.length, 2);
});

Deno.test("a killed client leaves no browser waiting", async () => {
  await using world = await startProgramSystem();
  const { server, client, origin, proxy } = world;
  using download = await open(`${origin.url}/hold-body/x`, proxy);
  const waiting = get(`${origin.url}/hold/y`, proxy);
  await origin.held("y");

  client.process.signal("SIGKILL");

  await assert.rejects(download.text());
  const answer = await waiting;
  assert.equal(answer.status, 502);
  assert.match(
    answer.error ?? "",
    /^session_lost The connection to the client of tunnel "lab" was lost/,
  );
  await server.process.event("client of a tunnel is away", { name: "lab" });
  const next = await get(`${origin.url}/`, proxy);
  assert.equal(next.status, 503);
  assert.equal(next.get("retry-after"), "5");
  assert.match(
    next.text,
    /^sallyport server: The tunnel "lab" is starting or reconnecting/,
  );
});

Deno.test("a killed server breaks what the browser gets, and the client goes on trying", async () => {
  await using world = await startProgramSystem({
    client: { args: ["--log-level=debug"] },
  });
  const { server, client, origin, proxy } = world;
  using download = await open(`${origin.url}/hold-body/x`, proxy);

  server.process.signal("SIGKILL");

  await assert.rejects(download.text());
  await client.process.event("connect failed", {}, { count: 6 });
  const pauses = client.process.log.matching("connect failed")
    .map(({ fields }) => parseInt(String(fields["backoff"])));
  assert.ok(
    Math.max(...pauses) > 2 * Math.min(...pauses),
    `the pauses grow: ${pauses}`,
  );
  const [up = assert.fail()] = client.process.log.matching(
    "established connection to Sallyport server",
    { active: "2/2" },
  );
  assert.deepEqual(
    client.process.log.all.filter(({ at, level, module }) =>
      at > up.at && module === "tunnel" && level !== "debug"
    ).map(({ message }) => message),
    ["connection lost", "connect failed"],
  );
  const ready = await fetch(`${client.apiUrl}readyz`);
  assert.deepEqual([ready.status, await ready.text()], [
    503,
    "Service Unavailable\ntunnel: reconnecting",
  ]);
});

Deno.test("the client ends with words when the server has come back without the tunnel", async () => {
  await using world = await startProgramSystem();
  const { server, client } = world;
  server.process.signal("SIGKILL");
  await server.process.exit();
  {
    // As if the data had been restored from an older backup.
    using database = new DatabaseSync(databasePath(server.dataDir));
    database.exec("DELETE FROM tunnels");
  }

  await using _again = await startServerProgram({
    args: [`--tunnel-address=127.0.0.1:${server.tunnelPort}`],
    // The client knows the authority of the first server only.
    dataDir: server.dataDir,
  });
  const { code, stderr } = await client.process.exit();

  assert.equal(code, 3);
  assert.match(
    stderr,
    /^sallyport: The tunnel was ended by the server: .*does not know the tunnel.*\n$/,
  );
  const [ended] = client.process.log.matching("tunnel was ended by the server");
  assert.equal(ended?.level, "info");
  assert.ok(ended.fields["reason"]);
});
