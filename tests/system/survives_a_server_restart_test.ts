/** When the server comes back, so do its clients: the same tunnels, by themselves. */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { CREDENTIALS, get } from "./browser.ts";
import {
  type ServerProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
  USER,
} from "./programs.ts";
import { callRest, listTunnels } from "./rest_calls.ts";

/** The same server once more: its data, its addresses. */
function startAgain(
  { dataDir, url, tunnelPort, proxyPort }: ServerProgram,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProgram> {
  return startServerProgram({
    dataDir,
    env,
    args: [
      `--address=127.0.0.1:${new URL(url).port}`,
      `--tunnel-address=127.0.0.1:${tunnelPort}`,
      `--proxy-address=127.0.0.1:${proxyPort}`,
    ],
  });
}

Deno.test.each(["SIGTERM", "SIGKILL"] as const)(
  "clients come back to a server that was ended with %s, with the same tunnel",
  SIGNALS,
  async (signal) => {
    await using directory = await temporaryDirectory();
    await using origin = await startOrigin();
    await using first = await startServerProgram({ dataDir: directory.path });
    await using client = await startClientProgram(first, {
      args: ["--metadata=runner=x"],
    });
    const before = await listTunnels(first);
    const proxy = { port: first.proxyPort, credentials: CREDENTIALS };

    first.process.signal(signal);
    await first.process.exit();
    await using second = await startAgain(first);
    await client.process.waitFor(/active=2\/2\n[^]*active=2\/2\n/);
    const after = await callRest(second, { path: "?full=true" });
    const page = await get(`${origin.url}/bytes/5`, proxy);
    client.process.signal("SIGTERM");
    const { code, stdout, stderr } = await client.process.exit();

    assert.deepEqual(await listTunnels(second), []);
    const [tunnel, ...others] = JSON.parse(after.text);
    assert.deepEqual([tunnel.id], before);
    assert.deepEqual(others, []);
    assert.equal(tunnel.status, "running");
    assert.deepEqual(tunnel.metadata.extra, { runner: "x" });
    assert.equal(page.status, 200);
    assert.equal(stdout.match(/Sallyport running id=/g)?.length, 1);
    assert.deepEqual([code, stderr], [0, ""]);
  },
);

Deno.test(
  "a tunnel ends when the restarted server gives its user another key",
  SIGNALS,
  async () => {
    await using directory = await temporaryDirectory();
    await using first = await startServerProgram({ dataDir: directory.path });
    await using client = await startClientProgram(first);

    first.process.signal("SIGTERM");
    await first.process.exit();
    await using second = await startAgain(first, {
      SALLYPORT_USERS: `${USER.name}:another-key-123456`,
    });
    await second.process.waitFor(/tunnel ended .* reason=keyRevoked\n/);
    const { code, stderr } = await client.process.exit();

    assert.equal(code, 3);
    assert.match(
      stderr,
      /^sallyport: The tunnel was ended by the server: the server does not know the user or the access key any more\n$/,
    );
  },
);

Deno.test("a tunnel that was stopped before the restart does not come back", async () => {
  await using directory = await temporaryDirectory();
  await using first = await startServerProgram({ dataDir: directory.path });
  {
    await using client = await startClientProgram(first);
    client.process.signal("SIGTERM");
    await client.process.exit();
  }
  first.process.signal("SIGKILL");
  await first.process.exit();

  await using second = await startAgain(first);

  assert.deepEqual(await listTunnels(second), []);
  assert.doesNotMatch(second.process.stdout, /tunnel restored/);
});
