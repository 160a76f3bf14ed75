/** When the server comes back, so do its clients: the same tunnels, by themselves, within 5 s. */
import assert from "node:assert/strict";
import type { TunnelState } from "../../src/api/resources/tunnel_resource.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { get } from "../testing/browser.ts";
import { credentialsFor, USER } from "../testing/user.ts";
import {
  SIGNALS,
  startAgain,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";
import { callRest, listTunnels } from "./rest_calls.ts";

/**
 * From the moment that a server says it is up to the last session of its
 * clients, in milliseconds. It holds by design: a client dials again after 4 s
 * at the latest (`MAX_PAUSE` in `src/client/sessions/connection_manager.ts`), each of its
 * sessions for itself and all clients at different moments, which leaves a
 * second for TLS and the Upgrade.
 */
const PROMISE = 5_000;
/** A client has given up so often that its pauses are as long as they get: 4 s, of which chance takes up to a fifth. Its log of level debug has all of them. */
const LONGEST_PAUSE = { backoff: /^(?:3[2-9]\d\d|4000)ms$/ };

Deno.test.each(["SIGTERM", "SIGKILL"] as const)(
  "clients come back to a server that was ended with %s, with the same tunnels, within 5 s",
  SIGNALS,
  async (signal) => {
    await using directory = await temporaryDirectory();
    await using origin = await startOrigin();
    await using first = await startServerProgram({ dataDir: directory.path });
    const args = [
      "--metadata=runner=x",
      "--tunnel-pool",
      "--log-level=debug",
    ];
    await using one = await startClientProgram(first, { args });
    await using other = await startClientProgram(first, { args });
    const clients = [one, other];
    const before = await listTunnels(first);
    const { proxy } = first;

    first.process.signal(signal);
    await first.process.exit();
    await Promise.all(
      clients.map(({ process }) =>
        process.event("connect failed", LONGEST_PAUSE, { count: 2 })
      ),
    );
    await using second = await startAgain(first);
    const upAt = performance.now();
    await Promise.all(
      clients.map(({ process }) =>
        process.event("established connection to Sallyport server", {
          active: "2/2",
        }, { count: 2 })
      ),
    );
    const took = performance.now() - upAt;
    const after = await callRest(second, { path: "?full=true" });
    const page = await get(`${origin.url}/bytes/5`, proxy);
    const exits = await Promise.all(clients.map(({ process }) => {
      process.signal("SIGTERM");
      return process.exit();
    }));

    assert.ok(took <= PROMISE, `It took ${took} ms`);
    assert.deepEqual(await listTunnels(second), []);
    const tunnels: readonly TunnelState[] = JSON.parse(after.text);
    assert.equal(tunnels.length, 2);
    assert.deepEqual(tunnels.map(({ id }) => id), before);
    for (const { status, metadata } of tunnels) {
      assert.equal(status, "running");
      assert.deepEqual(metadata.extra, { runner: "x" });
    }
    assert.equal(page.status, 200);
    for (const { code, stderr } of exits) {
      assert.deepEqual([code, stderr], [0, ""]);
    }
    for (const { process } of clients) {
      assert.equal(process.log.matching("Sallyport running").length, 1);
    }
  },
);

const CROWD = 20;

Deno.test("twenty clients come back at once, within 5 s", async () => {
  await using stack = new AsyncDisposableStack();
  const { path: dataDir } = stack.use(await temporaryDirectory());
  const first = await startTestServer({ dataDir });
  const { url, tunnelAddress, proxyAddress } = first;
  const address = { hostname: "127.0.0.1", port: Number(new URL(url).port) };
  const origin = stack.use(await startOrigin());
  const homecomings = Array.from({ length: CROWD }, homecoming);
  const names = homecomings.map((_, at) => `lab${at}`);
  const clients = await Promise.all(
    names.map(async (tunnelName, at) =>
      stack.use(
        await startTestClient(first, {
          tunnelName,
          tunnelConnections: 1,
          onEvent: homecomings[at]?.onEvent ?? assert.fail(),
        }),
      )
    ),
  );
  const before = clients.map(({ tunnel }) => tunnel.id).toSorted();

  await first[Symbol.asyncDispose]();
  await within(
    Promise.all(homecomings.map(({ left }) => left)),
    "all to be reconnecting",
  );
  const second = stack.use(
    await startTestServer({ dataDir, address, tunnelAddress, proxyAddress }),
  );
  const upAt = performance.now();
  await within(
    Promise.all(homecomings.map(({ back }) => back)),
    "all to be back",
  );
  const took = performance.now() - upAt;
  const after = await listTunnels({
    url: new URL(second.url).origin,
    caFile: second.ca?.file ?? assert.fail(),
  });
  const pages = await Promise.all(
    names.map((name) =>
      get(`http://origin.test:${origin.port}/`, {
        port: second.proxyAddress.port,
        credentials: credentialsFor(name),
      })
    ),
  );

  assert.ok(took <= PROMISE, `It took ${took} ms`);
  assert.ok(Array.isArray(after));
  assert.deepEqual(after.toSorted(), before);
  assert.deepEqual(new Set(pages.map(({ status }) => status)), new Set([200]));
});

/** When a client loses its server, and when it has it again. */
function homecoming(): {
  readonly left: Promise<void>;
  readonly back: Promise<void>;
  readonly onEvent: NonNullable<ClientOptions["onEvent"]>;
} {
  const left = Promise.withResolvers<void>();
  const back = Promise.withResolvers<void>();
  let hasLeft = false;
  return {
    left: left.promise,
    back: back.promise,
    onEvent({ state }) {
      if (state === "reconnecting") {
        hasLeft = true;
        left.resolve();
      }
      if (state === "ready" && hasLeft) back.resolve();
    },
  };
}

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
    await second.process.event("tunnel ended", { reason: "keyRevoked" });
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
  assert.deepEqual(second.process.log.matching("tunnel restored"), []);
});
