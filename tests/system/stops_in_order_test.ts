import assert from "node:assert/strict";
import { ByteScanner } from "../testing/byte_scanner.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import {
  type BrowserProxy,
  CREDENTIALS,
  get,
  open,
  type Opening,
} from "./browser.ts";
import {
  beginClientProgram,
  type ClientProgram,
  logLines,
  type ServerProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";
import { callRest, listTunnels } from "./rest_calls.ts";
import { startRestFront } from "./rest_front.ts";

/** A tunnel with a running download, which goes on when the test releases `slow` at the origin. */
interface BusyTunnel extends AsyncDisposable {
  readonly server: ServerProgram;
  readonly client: ClientProgram;
  readonly origin: Origin;
  readonly proxy: BrowserProxy;
  readonly download: Opening;
}

async function startBusyTunnel(): Promise<BusyTunnel> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServerProgram());
  const client = stack.use(await startClientProgram(server));
  const origin = stack.use(await startOrigin());
  const proxy = { port: server.proxyPort, credentials: CREDENTIALS };
  const download = stack.use(
    await open(`${origin.url}/hold-body/slow`, proxy),
  );
  assert.equal(await download.line(), "first\n");
  const parts = stack.move();
  return {
    server,
    client,
    origin,
    proxy,
    download,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

const WAITING =
  /\[control\] \[INFO\] waiting for 1 active job\(s\) to finish, timeout: 3h0m0s\n/;

Deno.test.each(["SIGINT", "SIGTERM", "SIGQUIT"] as const)(
  "run finishes the running job after %s, and takes no new one",
  SIGNALS,
  async (signal) => {
    await using tunnel = await startBusyTunnel();
    const { client, origin, proxy, download } = tunnel;

    client.process.signal(signal);
    await client.process.waitFor(WAITING);
    const ready = await fetch(`${client.apiUrl}readyz`);
    const refused = await get(`${origin.url}/bytes/1`, proxy);
    origin.release("slow");
    const rest = await download.rest();
    const { code, stdout, stderr } = await client.process.exit();

    assert.equal(
      await ready.text(),
      "Service Unavailable\ntunnel: stopping",
    );
    assert.equal(ready.status, 503);
    assert.equal(refused.status, 503);
    assert.match(
      refused.error ?? "",
      /^no_such_tunnel Tunnel "lab" is not running/,
    );
    assert.match(refused.text, /Tunnel "lab" is not running: start it/);
    assert.equal(rest, "last\n");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(
      logLines(stdout).at(-1),
      "[control] [INFO] tunnel shut down cleanly",
    );
    assert.equal(await reasonOf(tunnel), signal.toLowerCase());
  },
);

Deno.test("run stops at once without a job", SIGNALS, async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);

  client.process.signal("SIGTERM");
  const { code, stdout } = await client.process.exit(5_000);

  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /active job/);
  assert.deepEqual(await listTunnels(server), []);
});

Deno.test(
  "a second signal ends run at once, and the server forgets the tunnel",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyTunnel();
    const { server, client, download } = tunnel;

    client.process.signal("SIGINT");
    await client.process.waitFor(WAITING);
    client.process.signal("SIGTERM");
    const { code, stderr } = await client.process.exit(5_000);

    assert.deepEqual([code, stderr], [130, ""]);
    await assert.rejects(download.rest());
    await server.process.waitFor(/tunnel ended .* reason=sigint\n/);
    assert.deepEqual(await listTunnels(server), []);
  },
);

Deno.test(
  "run gives up its start on a signal, and leaves no tunnel",
  SIGNALS,
  async () => {
    await using server = await startServerProgram();
    await using silence = new TcpServer(async (conn) => {
      await new ByteScanner(conn).readAll();
    });
    await using front = await startRestFront(server, {
      tunnelPort: silence.port,
    });
    await using client = await beginClientProgram(front);
    await client.process.waitFor(/connecting to address=/);

    client.process.signal("SIGINT");
    const { code, stdout, stderr } = await client.process.exit(5_000);

    assert.deepEqual([code, stderr], [0, ""]);
    assert.doesNotMatch(stdout, /you may start your tests\n/);
    assert.deepEqual(await listTunnels(server), []);
  },
);

Deno.test(
  "the same key pressed once is one signal, though wrappers pass it on too",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyTunnel();
    const { client, origin, download } = tunnel;

    client.process.signal("SIGINT");
    client.process.signal("SIGINT");
    await client.process.waitFor(WAITING);
    origin.release("slow");

    assert.equal(await download.rest(), "last\n");
    assert.equal((await client.process.exit()).code, 0);
  },
);

Deno.test(
  "server finishes the running request after SIGTERM, and its client says why it ends",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyTunnel();
    const { server, client, origin, proxy, download } = tunnel;

    server.process.signal("SIGTERM");
    await server.process.waitFor(/server is stopping\n/);
    await assert.rejects(get(`${origin.url}/bytes/1`, proxy));
    origin.release("slow");
    const rest = await download.rest();
    const { code, stdout, stderr } = await server.process.exit();

    assert.equal(rest, "last\n");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /server shut down cleanly\n$/);
    await client.process.waitFor(
      /\[tunnel\] \[INFO\] connection lost reason="closed by the server" backoff=\d+ms\n/,
    );
    await client.process.waitFor(
      /\[ERROR\] connect failed .* backoff=\d+ms error=.*connection refused/,
    );
  },
);

async function reasonOf({ server }: BusyTunnel): Promise<unknown> {
  const ended = /tunnel ended id=(\w+) /;
  const [, id = ""] = await server.process.waitFor(ended);
  const { data } = await callRest(server, { path: `/${id}` });
  return data["shutdown_reason"];
}
