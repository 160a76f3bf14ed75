/** A server that may not have much memory, and floods. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { StrangerPlan } from "../security/stranger.ts";
import {
  beginClientProgram,
  type ServerProgram,
  startAgain,
  startServerProgram,
  untilUp,
} from "../system/programs.ts";
import { get } from "../testing/browser.ts";
import { bytesOf, writeAll } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { TestProcess } from "../testing/process.ts";
import { RawClient } from "../testing/raw_client.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { canMakeGroups, makeGroup } from "./control_group.ts";
import type { IdlePlan } from "./idle_browsers.ts";

const MEGABYTE = 1_000_000;
/** Less than the operating guide advises. */
const LIMIT = 768 * MEGABYTE;
/** A heap in which a server can start, and hold little, in MB. */
const SMALL_HEAP = 64;
const STRANGERS = 12_000;
const IDLE = 3_000;
/** Downloads without end that nobody reads. */
const UNREAD = 300;
const PATIENCE = 180_000;
/** Until a client is back at a server that was started again, in milliseconds. */
const RECOVERY = 60_000;
/** Between two requests of those who do nothing wrong, in milliseconds. */
const PACE = 50;

const STRANGER = fileURLToPath(
  new URL("../security/stranger.ts", import.meta.url),
);
const BROWSERS = fileURLToPath(new URL("idle_browsers.ts", import.meta.url));

Deno.test({
  ignore: needs("sh").ignore || !await canMakeGroups(),
  name:
    "a server in 768 MB takes strangers, idle connections and unread downloads",
  async fn() {
    await using group = await makeGroup(LIMIT);
    await using origin = await startOrigin();
    await using site = startEndlessSite();
    await using server = await startServerProgram({ controlGroup: group.path });
    await using client = await beginClientProgram(server, {
      args: ["--tunnel-connections=16"],
    });
    await untilUp(client.process, 16);
    const stop = new AbortController();
    const asking = askUntil(stop.signal, server, origin);

    await using _strangers = await attack(server);
    await using idle = beginIdle(server, site, IDLE);
    await idle.waitFor(/^open$/m, { ms: PATIENCE });
    using _unread = await holdUnread(server, site, UNREAD);
    // What is sent to those who do not read has stopped by then.
    await new Promise((resolve) => setTimeout(resolve, 5_000));

    stop.abort();
    const statuses = await asking;
    // deno-lint-ignore no-console -- the figure that the test is about
    console.log(
      `${Math.round(await group.peak() / MEGABYTE)} MB at most, ` +
        `${statuses.length} requests of others`,
    );
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.deepEqual(client.process.log.matching("connection lost"), []);
  },
});

Deno.test({
  ignore: Deno.build.os !== "linux",
  name:
    "a server whose heap is full says so when it ends, and is itself again when it starts",
  async fn() {
    await using origin = await startOrigin();
    await using site = startEndlessSite();
    const env = { DENO_V8_FLAGS: `--max-old-space-size=${SMALL_HEAP}` };
    await using server = await startServerProgram({ env });
    await using client = await beginClientProgram(server, {
      args: ["--tunnel-connections=16"],
    });
    await untilUp(client.process, 16);

    const ended = server.process.exit(PATIENCE);
    await using _idle = beginIdle(server, site, 7_000);
    const { code, stderr } = await ended;

    assert.notEqual(code, 0);
    assert.match(stderr, /out of memory/i);
    await client.process.event("connection lost");
    await using again = await startAgain(server);
    const answers = async () => {
      while ((await get(`${origin.url}/bytes/5`, again.proxy)).status !== 200) {
        await new Promise((resolve) => setTimeout(resolve, PACE));
      }
    };
    await within(answers(), "the tunnel to be back", RECOVERY);
  },
});

/** A site that sends without end, and reads little. */
function startEndlessSite(): TcpServer {
  const piece = new Uint8Array(65_536);
  return new TcpServer(async (conn) => {
    await conn.read(new Uint8Array(4096));
    await writeAll(conn, bytesOf("HTTP/1.1 200 OK\r\n\r\n"));
    for (;;) await writeAll(conn, piece);
  });
}

/** What a browser gets that asks again and again. */
async function askUntil(
  signal: AbortSignal,
  { proxy }: ServerProgram,
  { url }: Origin,
): Promise<readonly number[]> {
  const statuses: number[] = [];
  while (!signal.aborted) {
    statuses.push((await get(`${url}/bytes/5`, proxy)).status);
    await new Promise((resolve) => setTimeout(resolve, PACE));
  }
  return statuses;
}

/** Strangers at all ports, who say nothing or half of something; resolves when all have come. */
async function attack(server: ServerProgram): Promise<TestProcess> {
  const { url, tunnelPort, proxyPort } = server;
  const plan: StrangerPlan = {
    from: "127.0.0.2",
    ports: [Number(new URL(url).port), tunnelPort, proxyPort],
    habits: ["silent", "half_hello", "slow_head"],
    count: STRANGERS,
    atOnce: 16,
  };
  const strangers = child(STRANGER, plan);
  await strangers.waitFor(/\}\n/, { ms: PATIENCE });
  return strangers;
}

/** Browsers that open connections through CONNECT and use none of them. */
function beginIdle(
  { proxyPort }: ServerProgram,
  { port }: TcpServer,
  count: number,
): TestProcess {
  const authority = `127.0.0.1:${port}`;
  const plan: IdlePlan = {
    ...{ proxyPort, credentials: CREDENTIALS, authority, count, atOnce: 50 },
  };
  return child(BROWSERS, plan);
}

/** Downloads that nobody reads. */
async function holdUnread(
  { proxyPort }: ServerProgram,
  { port }: TcpServer,
  count: number,
): Promise<DisposableStack> {
  using stack = new DisposableStack();
  for (let at = 0; at < count; at++) {
    const browser = stack.use(await RawClient.connect({ port: proxyPort }));
    await browser.send(
      `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        `Proxy-Authorization: Basic ${btoa(CREDENTIALS)}\r\n\r\n`,
    );
    assert.match(await browser.readHead(), /^HTTP\/1\.1 200 /);
  }
  return stack.move();
}

function child(path: string, plan: unknown): TestProcess {
  const command = ["run", "-qA", "--no-config", path, JSON.stringify(plan)];
  return new TestProcess(Deno.execPath(), command);
}
