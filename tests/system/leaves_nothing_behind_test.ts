// deno-lint-ignore-file camelcase -- the names on the wire
/**
 * Promise: 200 tunnels with 10 jobs each, started and stopped in random order
 * and in every way that tunnels end, leave no handle, port or row at the server.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { databasePath } from "../../src/config/data_dir.ts";
import { pick } from "../fuzz/target.ts";
import { type Random, seededRandom } from "../http2/hpack/random.ts";
import { within } from "../testing/deadline.ts";
import { freePort } from "../testing/free_port.ts";
import { LightClient, type LightUser } from "../testing/light_client.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { run } from "../testing/process.ts";
import { needs } from "../testing/needs.ts";
import { get, type Page } from "../testing/browser.ts";
import { USER } from "../testing/user.ts";
import { type ServerProgram, startServerProgram } from "./programs.ts";
import { callRest } from "./rest_calls.ts";

const TUNNELS = 200;
const JOBS = 10;
/** At the same time: the files that a process may have open are few on some machines. */
const MAX_LIVE = 40;
/** Starts and stops at the same time. */
const AT_ONCE = 8;
const PORTS = 60;
const USERS: readonly LightUser[] = [USER, {
  name: "ann",
  key: "ann-key-123456",
}];

/** A tunnel with running jobs. */
interface Busy {
  readonly client: LightClient;
  readonly jobs: Promise<readonly Page[]>;
}

/** What a server holds. */
interface Holdings {
  /** Open files and sockets. */
  readonly handles: number;
  /** Live ones. */
  readonly tunnels: number;
  /** Of the table of tunnels. */
  readonly rows: number;
  /** Running requests. */
  readonly inFlight: number;
}

/** A server process, and what it holds. */
class World implements AsyncDisposable {
  readonly #server: ServerProgram;

  constructor(server: ServerProgram) {
    this.#server = server;
  }

  static async open(): Promise<World> {
    const first = Math.min(freePort(), 65_535 - PORTS);
    const server = await startServerProgram({
      args: [`--proxy-port-range=${first}-${first + PORTS}`],
      env: {
        SALLYPORT_USERS: USERS.map(({ name, key }) => `${name}:${key}`).join(),
      },
    });
    return new World(server);
  }

  /** Starts a tunnel and its jobs; resolves when the client has all of them. */
  async start(number: number): Promise<Busy> {
    const user = USERS[number % USERS.length] ?? USER;
    const name = `t${number}`;
    const client = await LightClient.start(this.#server, {
      user,
      tunnel: {
        tunnel_identifier: name,
        tunnel_pool: number % 3 === 0,
        dedicated_port: number % 4 === 0,
      },
      isHolding: true,
    });
    const proxy = (job: number) => ({
      port: this.#server.proxyPort,
      credentials: `${user.name}+${name};job=${job}:${user.key}`,
    });
    const jobs = Promise.all(
      Array.from(
        { length: JOBS },
        (_, at) => get("http://any.test/", proxy(at)),
      ),
    );
    await within(client.held(JOBS), `the jobs of ${name}`);
    const { data } = await this.#call(client, { path: "/num_jobs" });
    assert.equal(data["jobs_running"], JOBS);
    return { client, jobs };
  }

  /** Ends a tunnel in one of the ways. */
  async stop({ client, jobs }: Busy, way: Way): Promise<void> {
    await WAYS_TO_STOP[way](client, {
      stop: (query) => this.#call(client, { method: "DELETE", path: query }),
      replace: async () => {
        const { user, tunnel: { tunnel_identifier: name } } = client;
        const tunnel = { tunnel_identifier: name };
        const next = await LightClient.start(this.#server, { user, tunnel });
        client.release();
        await this.#call(next, { method: "DELETE", path: "?wait=0" });
        await next.ended();
      },
    });
    const statuses = new Set((await jobs).map(({ status }) => status));
    await within(client.ended(), `the session to end (${way})`);
    const expected = way === "cut off" || way === "gone" ? 502 : 200;
    assert.deepEqual([...statuses], [expected], way);
  }

  /** What the server holds now. */
  async holdings(): Promise<Holdings> {
    const { process, dataDir } = this.#server;
    const { stdout } = await run("ls", [`/proc/${process.pid}/fd`]);
    const lists = await Promise.all(
      USERS.map((user) => callRest(this.#server, { path: "", user })),
    );
    using database = new DatabaseSync(databasePath(dataDir), {
      readOnly: true,
    });
    const row = database.prepare("SELECT count(*) AS rows FROM tunnels").get();
    return {
      handles: stdout.trim().split("\n").length,
      tunnels: lists.flatMap(({ text }) => JSON.parse(text)).length,
      rows: Number(row?.["rows"]),
      inFlight: await this.#inFlight(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #inFlight(): Promise<number> {
    const { url, caFile } = this.#server;
    using client = Deno.createHttpClient({
      caCerts: [await Deno.readTextFile(caFile)],
    });
    const answer = await fetch(`${url}/metrics`, {
      client,
      headers: { Authorization: `Basic ${btoa(`${USER.name}:${USER.key}`)}` },
    });
    return parseMetrics(await answer.text())
      .get("sallyport_http_requests_in_flight")?.samples
      .reduce((sum, { value }) => sum + value, 0) ?? 0;
  }

  #call(
    { user, tunnel: { id } }: LightClient,
    { method, path }: { method?: "DELETE"; path: string },
  ): ReturnType<typeof callRest> {
    const call = { path: `/${id}${path}`, user };
    return callRest(this.#server, method ? { ...call, method } : call);
  }
}

interface Means {
  readonly stop: (query: string) => Promise<unknown>;
  readonly replace: () => Promise<void>;
}

type Way = "cut off" | "drained" | "gone" | "replaced";

const WAYS_TO_STOP: Readonly<
  Record<Way, (client: LightClient, means: Means) => Promise<void>>
> = {
  "cut off": async (_client, { stop }) => void await stop("?wait=0"),
  "drained": async (client, { stop }) => {
    await stop("?drain_timeout=60");
    client.release();
  },
  "gone": async (client, { stop }) => {
    await client[Symbol.asyncDispose]();
    await stop("");
  },
  "replaced": async (_client, { replace }) => await replace(),
};

const WAYS: readonly Way[] = ["cut off", "drained", "gone", "replaced"];

/** Starts and stops all, in an order of its own. */
async function play(world: World, random: Random): Promise<void> {
  const live: Busy[] = [];
  let started = 0;
  const step = async (): Promise<void> => {
    const isStart = started < TUNNELS && live.length < MAX_LIVE &&
      (live.length === 0 || random(2) === 0);
    if (isStart) live.push(await world.start(started += 1));
    else {
      const [busy] = live.splice(random(live.length), 1);
      if (busy) await world.stop(busy, pick(random, WAYS));
    }
  };
  while (started < TUNNELS || live.length > 0) {
    await Promise.all(Array.from({ length: AT_ONCE }, step));
  }
}

/** What the server holds when no tunnel, row or request is left. */
async function settled(world: World): Promise<Holdings> {
  for (;;) {
    const holdings = await world.holdings();
    const { tunnels, rows, inFlight } = holdings;
    if (tunnels + rows + inFlight === 0) return holdings;
  }
}

Deno.test({
  // Other systems tell the open files of a process in other ways.
  ignore: Deno.build.os !== "linux" || needs("ls").ignore,
  name: "200 tunnels with 10 jobs each leave no handle, port or row behind",
  async fn() {
    await using world = await World.open();
    // What is opened once and kept, such as the files of the database, is open afterwards.
    for (const way of WAYS) await world.stop(await world.start(0), way);
    const before = await within(settled(world), "the first ones to be gone");

    await play(world, seededRandom());
    let after = await within(settled(world), "all tunnels to be gone");
    const asBefore = async () => {
      while (after.handles > before.handles) after = await settled(world);
    };

    await within(asBefore(), "handles to be given back").catch(() => {});
    assert.ok(
      after.handles <= before.handles,
      `${after.handles} handles are open, ${before.handles} were before`,
    );
  },
});
