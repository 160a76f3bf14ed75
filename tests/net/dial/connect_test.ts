/** @module */
import assert from "node:assert/strict";
import {
  type ByteStream,
  closeQuietly,
} from "../../../src/net/stream/byte_stream.ts";
import { createConnect } from "../../../src/net/dial/connect.ts";
import { createDial } from "../../../src/net/dial/dial.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { startEchoServer, TcpServer } from "../../testing/tcp_server.ts";
import { unusedPort } from "../ports.ts";

const { signal } = new AbortController();
const authority = await createTestAuthority();

const dial = createDial({
  resolve: () => Promise.resolve(["127.0.0.1"]),
  attempts: 1,
});
const connect = createConnect({ dial, caCerts: [authority.ca] });

/** Sends a byte, says whether it comes back, and closes. */
async function isEchoed(stream: ByteStream): Promise<boolean> {
  const into = new Uint8Array(2);
  await stream.write(Uint8Array.of(42));
  const count = await stream.read(into);
  closeQuietly(stream);
  return count === 1 && into[0] === 42;
}

Deno.test("connect() opens a plain connection", async () => {
  await using echo = startEchoServer();

  const conn = await connect(
    { hostname: "a.test", port: echo.port, secure: false },
    signal,
  );

  assert.ok(await isEchoed(conn));
});

Deno.test("connect() opens a TLS connection to the name, wherever it is", async () => {
  const tls = await authority.issue(["a.test"]);
  await using echo = startEchoServer({ tls });

  const conn = await connect(
    { hostname: "a.test", port: echo.port, secure: true },
    signal,
  );

  assert.ok("handshake" in conn);
  assert.ok(await isEchoed(conn));
});

Deno.test("connect() checks the certificate against the name", async () => {
  const tls = await authority.issue(["b.test"]);
  await using echo = startEchoServer({ tls });

  await assert.rejects(
    connect({ hostname: "a.test", port: echo.port, secure: true }, signal),
    { name: "DialError", code: "certificate" },
  );
});

Deno.test("connect() does not check certificates of the listed hosts, and reports it", async () => {
  const stranger = await createTestAuthority();
  const tls = await stranger.issue(["b.test"]);
  await using echo = startEchoServer({ tls });
  const told: string[] = [];
  const lenient = createConnect({
    dial,
    unverified: {
      matches: (hostname) => hostname === "a.test",
      onConnection: (hostname) => told.push(hostname),
    },
  });

  const conn = await lenient(
    { hostname: "a.test", port: echo.port, secure: true },
    signal,
  );

  assert.ok(await isEchoed(conn));
  assert.deepEqual(told, ["a.test"]);
  await assert.rejects(
    lenient({ hostname: "b.test", port: echo.port, secure: true }, signal),
    { name: "DialError", code: "certificate" },
  );
  assert.deepEqual(told, ["a.test"]);
});

Deno.test("connect() throws what the dial throws", async () => {
  const target = { hostname: "a.test", port: unusedPort(), secure: true };

  await assert.rejects(connect(target, signal), { code: "refused" });
});

Deno.test("connect() gives up a handshake when its time is over or its signal aborted", async () => {
  const stop = new AbortController();
  await using server = new TcpServer(async (conn) => {
    while (await conn.read(new Uint8Array(4_096)) !== null) stop.abort();
  });
  const target = { hostname: "a.test", port: server.port, secure: true };
  const hasty = createConnect({ dial, handshakeTimeout: 20 });

  await assert.rejects(hasty(target, signal), { code: "timedOut" });
  const slow = createConnect({ dial, handshakeTimeout: 0 });
  await assert.rejects(slow(target, stop.signal), { code: "aborted" });
});
