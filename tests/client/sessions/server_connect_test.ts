/** @module */
import assert from "node:assert/strict";
import { serverConnect } from "../../../src/client/sessions/server_connect.ts";
import { closeQuietly } from "../../../src/net/stream/byte_stream.ts";
import {
  deafListeners,
  OTHER_LOOPBACK,
  startDeafListener,
} from "../../net/ports.ts";
import { within } from "../../testing/deadline.ts";
import { DialError } from "../../../src/net/dial_error.ts";

const { signal } = new AbortController();

Deno.test("serverConnect() says what to do about a name", async () => {
  const failures = [
    ["nameNotFound", "server.test", "check --server"],
    ["nameServerFailed", "server.test", "check --dns-server"],
    [
      "nameNotFound",
      "tunnel.test",
      "which is the tunnel port of the server: let firewalls pass it, and " +
      "check the server options --external-host and --tunnel-address",
    ],
  ] as const;
  for (const [code, hostname, remedy] of failures) {
    const cause = new DialError(code, "Cannot find it");
    const connect = serverConnect(
      { server: "https://server.test" },
      () => Promise.reject(cause),
    );

    await assert.rejects(
      connect({ hostname, port: 443, secure: true }, signal),
      {
        code,
        message: `Cannot find it, ${remedy}`,
      },
    );
  }
});

Deno.test("serverConnect() adds nothing to an attempt that was given up", async () => {
  const cause = new DialError("aborted", "Given up");
  const connect = serverConnect(
    { server: "https://server.test" },
    () => Promise.reject(cause),
  );

  const target = { hostname: "server.test", port: 443, secure: true };
  await assert.rejects(connect(target, signal), cause);
});

Deno.test("the name of the server is resolved for every connection: it may move", async () => {
  using before = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = before.addr;
  using after = Deno.listen({ hostname: OTHER_LOOPBACK, port });
  const places = ["127.0.0.1", OTHER_LOOPBACK];
  const own: string[] = [];
  const connect = serverConnect(
    {},
    () => Promise.resolve(places.splice(0, 1)),
    (ip) => own.push(ip),
  );
  const target = { hostname: "server.test", port, secure: false };

  const first = await connect(target, signal);
  const second = await connect(target, signal);

  for (const listener of [before, after]) {
    using conn = await within(listener.accept(), "a connection");
    assert.equal(conn.localAddr.port, port);
  }
  assert.equal(own.length, 2);
  assert.equal(own[0], "127.0.0.1");
  closeQuietly(first);
  closeQuietly(second);
});

Deno.test({
  ...deafListeners,
  name: "a server that does not respond is given up after one attempt",
  async fn() {
    using deaf = await startDeafListener();
    const connect = serverConnect(
      { serverDialTimeout: 50 },
      () => Promise.resolve(["127.0.0.1"]),
    );

    await assert.rejects(
      connect({ hostname: "a.test", port: deaf.port, secure: true }, signal),
      { code: "timedOut", message: /no response in 50 ms/ },
    );
  },
});

Deno.test("a server that accepts and says nothing is given up as soon", async () => {
  // The system accepts; nobody reads.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connect = serverConnect(
    { serverDialTimeout: 50 },
    () => Promise.resolve(["127.0.0.1"]),
  );

  await assert.rejects(
    connect(
      { hostname: "a.test", port: listener.addr.port, secure: true },
      signal,
    ),
    { code: "timedOut" },
  );
});
