import assert from "node:assert/strict";
import { closeQuietly } from "../../../src/net/stream/byte_stream.ts";
import { copy, writeAll } from "../../../src/net/stream/copy.ts";
import { DialError } from "../../../src/net/dial_error.ts";
import { startTlsOver } from "../../../src/net/tls/start_tls_over.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";
import { TcpServer } from "../../testing/tcp_server.ts";

const DAY = 24 * 3_600_000;

async function echo(conn: Deno.Conn): Promise<void> {
  await copy(conn, conn);
  await conn.closeWrite();
}

async function askOver(port: number, hostname: string): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const stream = await startTlsOver(conn, { verify: false, hostname, port });
  await writeAll(stream, new TextEncoder().encode("hello"));
  await stream.closeWrite();
  const into = new Uint8Array(10);
  const count = await stream.read(into) ?? 0;
  assert.equal(await stream.read(into), null);
  closeQuietly(stream);
  return new TextDecoder().decode(into.subarray(0, count));
}

const HOSTS: readonly (readonly [what: string, hostname: string])[] = [
  ["of an unknown authority", "shop.test"],
  ["for another name", "other.test"],
  ["for an address", "127.0.0.1"],
];

for (const [what, hostname] of HOSTS) {
  Deno.test(`startTlsOver() takes a certificate ${what}`, async () => {
    const authority = await createTestAuthority();
    const tls = await authority.issue(["shop.test"]);
    await using server = new TcpServer(echo, { tls });

    assert.equal(await within(askOver(server.port, hostname), "it"), "hello");
  });
}

Deno.test("startTlsOver() takes a certificate that has expired", async () => {
  const authority = await createTestAuthority();
  const notAfter = new Date(Date.now() - DAY / 2);
  const tls = await authority.issue(["shop.test"], { notAfter });
  await using server = new TcpServer(echo, { tls });

  assert.equal(await within(askOver(server.port, "shop.test"), "it"), "hello");
});

Deno.test("startTlsOver() fails where nobody speaks TLS", async () => {
  await using server = new TcpServer(async (conn) => {
    await writeAll(conn, new TextEncoder().encode("220 mail.test ESMTP\r\n"));
    await conn.read(new Uint8Array(1000));
  });

  await assert.rejects(
    within(askOver(server.port, "mail.test"), "it"),
    (error) =>
      error instanceof DialError && error.message.includes("mail.test"),
  );
});

Deno.test("startTlsOver() gives up when its signal is aborted", async () => {
  const accepted = Promise.withResolvers<void>();
  await using server = new TcpServer(async (conn) => {
    accepted.resolve();
    while (await conn.read(new Uint8Array(1000)) !== null);
  });
  const abort = new AbortController();
  const { port } = server;
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });

  const starting = startTlsOver(conn, {
    verify: false,
    hostname: "shop.test",
    port,
    signal: abort.signal,
  });
  await accepted.promise;
  abort.abort();

  await assert.rejects(starting, { name: "DialError", code: "aborted" });
});
