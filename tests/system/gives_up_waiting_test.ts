import assert from "node:assert/strict";
import { SIGNALS, startBusyPrograms, tunnelIdOf } from "./programs.ts";
import { callRest, listTunnels } from "./rest_calls.ts";

Deno.test(
  "run cuts off what takes longer than --shutdown-timeout",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyPrograms({
      client: { args: ["--shutdown-timeout=1s"] },
    });
    const { server, client, download } = tunnel;

    client.process.signal("SIGTERM");
    const { code, stderr } = await client.process.exit();

    const waits = "waiting for 1 active job(s) to finish, timeout: 1s";
    assert.equal(client.process.log.matching(waits).length, 1);
    assert.deepEqual([code, stderr], [0, ""]);
    await assert.rejects(download.text());
    await server.process.event("tunnel ended", { reason: "sigterm" });
    assert.deepEqual(await listTunnels(server), []);
  },
);

Deno.test(
  "server cuts off what takes longer than --shutdown-timeout",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyPrograms({
      server: { args: ["--shutdown-timeout=1s"] },
    });
    const { server, download } = tunnel;

    server.process.signal("SIGTERM");
    const { code, stderr } = await server.process.exit();

    assert.deepEqual([code, stderr], [0, ""]);
    const last = server.process.log.all.at(-1);
    assert.equal(last?.message, "server shut down cleanly");
    await assert.rejects(download.text());
  },
);

Deno.test("a second signal ends server at once", SIGNALS, async () => {
  await using tunnel = await startBusyPrograms();
  const { server, download } = tunnel;

  server.process.signal("SIGTERM");
  await server.process.event("server is stopping");
  server.process.signal("SIGINT");
  const { code, stderr } = await server.process.exit(5_000);

  assert.deepEqual([code, stderr], [130, ""]);
  await assert.rejects(download.text());
});

Deno.test("a tunnel stopped with wait=0 cuts its jobs off", async () => {
  await using tunnel = await startBusyPrograms();
  const { server, client, download } = tunnel;
  const id = await tunnelIdOf(client);

  const stopped = await callRest(server, {
    method: "DELETE",
    path: `/${id}?wait=0&reason=enough`,
  });
  await assert.rejects(download.text());
  const { code, stderr } = await client.process.exit();

  assert.equal(stopped.status, 200);
  assert.equal(code, 3);
  assert.equal(
    stderr,
    "sallyport: The tunnel was ended by the server: enough\n",
  );
});

Deno.test(
  "a second signal ends a client that waits for the jobs of a tunnel that others ended",
  SIGNALS,
  async () => {
    await using tunnel = await startBusyPrograms();
    const { server, client, download } = tunnel;
    const id = await tunnelIdOf(client);

    await callRest(server, { method: "DELETE", path: `/${id}` });
    await client.process.event("tunnel was ended by the server", {
      reason: "api",
    });
    client.process.signal("SIGINT");
    client.process.signal("SIGTERM");
    const { code } = await client.process.exit(5_000);

    assert.equal(code, 130);
    await assert.rejects(download.text());
  },
);
