import assert from "node:assert/strict";
import { readClientHello } from "../../../src/net/tls/client_hello.ts";
import { TcpServer } from "../../testing/tcp_server.ts";

/** The first record that Deno's TLS sends. */
async function recordOf(
  hostname: string,
  alpnProtocols: string[],
): Promise<Uint8Array> {
  const got = Promise.withResolvers<Uint8Array>();
  await using server = new TcpServer(async (conn) => {
    const buffer = new Uint8Array(8192);
    const count = await conn.read(buffer) ?? 0;
    got.resolve(buffer.subarray(0, count));
    conn.close();
  });
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const tls = await Deno.startTls(conn, { hostname, alpnProtocols });
  await tls.handshake().catch(() => {});
  tls.close();
  return await got.promise;
}

Deno.test("readClientHello() reads what a TLS library sends", async () => {
  const record = await recordOf("Lab.test", ["h2", "http/1.1"]);

  const hello = readClientHello(record);

  assert.equal(hello?.serverName, "lab.test");
  assert.deepEqual(hello.protocols, ["h2", "http/1.1"]);
  assert(hello.versions.includes(0x0304));
  assert.equal(hello.keyShares.get(0x001d)?.length, 32);
  assert.equal(hello.message.length, record.length - 5);
});

Deno.test("readClientHello() gives nothing for a record that is cut short or changed anywhere", async () => {
  const record = await recordOf("lab.test", ["acme-tls/1"]);

  for (let length = 0; length < record.length; length++) {
    assert.equal(readClientHello(record.subarray(0, length)), undefined);
  }
  for (let at = 5; at < record.length; at++) {
    const changed = record.slice();
    changed[at] = 0xff;
    // It reads something, or nothing; it never throws.
    readClientHello(changed);
  }
});
