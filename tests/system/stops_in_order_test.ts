import assert from "node:assert/strict";
import { ByteScanner } from "../testing/byte_scanner.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { get } from "../testing/browser.ts";
import {
  beginClientProgram,
  type BusyPrograms,
  SIGNALS,
  startBusyPrograms,
  startClientProgram,
  startServerProgram,
  waitingFor,
} from "./programs.ts";
import { callRest, listTunnels } from "./rest_calls.ts";
import { startRestFront } from "./rest_front.ts";

Deno.test.each(["SIGINT", "SIGTERM", "SIGQUIT"] as const)(
  "run finishes the running job after %s, and takes no new one",
  SIGNALS,
  async (signal) => {
    await using tunnel = await startBusyPrograms();
    const { client, origin, proxy, download } = tunnel;

    client.process.signal(signal);
    await client.process.event(waitingFor(1));
    const ready = await fetch(`${client.apiUrl}readyz`);
    const refused = await get(`${origin.url}/bytes/1`, proxy);
    origin.release("slow");
    const rest = await download.text();
    const { code, stderr } = await client.process.exit();

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
    const last = client.process.log.all.at(-1);
    assert.equal(last?.message, "tunnel shut down cleanly");
    assert.equal(await reasonOf(tunnel), signal.toLowerCase());
  },
);

Deno.test("run stops at once without a job", SIGNALS, async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);

  client.process.signal("SIGTERM");
  const { code, stdout } = await client.process.exit(5_000);

  assert.equal(code, 0);
  assert.ok(stdout.includes("tunnel shut down cleanly"));
  assert.doesNotMatch(stdout, /active job/);
  assert.deepEqual(await listTunnels(server), []);
});

Deno.test(
  "a second signal ends run at once, and the server forgets the tunnel",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyPrograms();
    const { server, client, download } = tunnel;

    client.process.signal("SIGINT");
    await client.process.event(waitingFor(1));
    client.process.signal("SIGTERM");
    const { code, stderr } = await client.process.exit(5_000);

    assert.deepEqual([code, stderr], [130, ""]);
    await assert.rejects(download.text());
    await server.process.event("tunnel ended", { reason: "sigint" });
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
    await client.process.event("connecting to");

    client.process.signal("SIGINT");
    const { code, stderr } = await client.process.exit(5_000);

    assert.deepEqual([code, stderr], [0, ""]);
    const up = "Sallyport is up, you may start your tests";
    assert.deepEqual(client.process.log.matching(up), []);
    assert.deepEqual(await listTunnels(server), []);
  },
);

Deno.test(
  "the same key pressed once is one signal, though wrappers pass it on too",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyPrograms();
    const { client, origin, download } = tunnel;

    client.process.signal("SIGINT");
    client.process.signal("SIGINT");
    await client.process.event(waitingFor(1));
    origin.release("slow");

    assert.equal(await download.text(), "last\n");
    assert.equal((await client.process.exit()).code, 0);
  },
);

Deno.test(
  "server finishes the running request after SIGTERM, and its client says why it ends",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyPrograms();
    const { server, client, origin, proxy, download } = tunnel;

    server.process.signal("SIGTERM");
    await server.process.event("server is stopping");
    await assert.rejects(get(`${origin.url}/bytes/1`, proxy));
    origin.release("slow");
    const rest = await download.text();
    const { code, stderr } = await server.process.exit();

    assert.equal(rest, "last\n");
    assert.deepEqual([code, stderr], [0, ""]);
    const last = server.process.log.all.at(-1);
    assert.equal(last?.message, "server shut down cleanly");
    const lost = await client.process.event("connection lost", {
      reason: "closed by the server",
      backoff: /^\d+ms$/,
    });
    const failed = await client.process.event("connect failed", {
      backoff: /^\d+ms$/,
      error: /connection refused/,
    });
    assert.deepEqual([lost.module, lost.level], ["tunnel", "info"]);
    assert.equal(failed.level, "error");
  },
);

async function reasonOf({ server }: BusyPrograms): Promise<unknown> {
  const { fields } = await server.process.event("tunnel ended");
  const { data } = await callRest(server, { path: `/${fields["id"]}` });
  return data["shutdown_reason"];
}
