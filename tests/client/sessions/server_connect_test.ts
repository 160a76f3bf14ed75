/** @module */
import assert from "node:assert/strict";
import { serverConnect } from "../../../src/client/sessions/server_connect.ts";
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
