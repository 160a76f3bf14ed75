/** The first record of a peer decides whether TLS begins. */
import assert from "node:assert/strict";
import { AcceptedConnection } from "../../../src/net/listen/accepted_connection.ts";
import { acceptTls, NoTlsError } from "../../../src/net/tls/accept_tls.ts";
import { tlsIdentity } from "../../../src/net/tls/tls_terminator.ts";
import { bytesOf } from "../../testing/byte_scanner.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

const authority = await createTestAuthority();
const identity = tlsIdentity(await authority.issue(["lab.test"]));

/** A connection in memory, accepted. */
function setUp() {
  const [near, far] = createMemoryDuplex();
  const remoteAddr = { transport: "tcp", hostname: "192.0.2.1", port: 5000 };
  const conn = new AcceptedConnection(
    {
      ...near,
      ...{ remoteAddr, setNoDelay() {}, setKeepAlive() {} },
    } as unknown as ConstructorParameters<typeof AcceptedConnection>[0],
    { port: "proxy", openedAt: 0 },
  );
  const refused: string[] = [];
  conn.events = {
    onAdmit: () => {},
    onMove: () => true,
    onRefuse: (_, reason) => refused.push(reason),
  };
  return { conn, far, refused };
}

async function readText(conn: AcceptedConnection): Promise<string> {
  const into = new Uint8Array(100);
  const count = await conn.read(into) ?? 0;
  return new TextDecoder("latin1").decode(into.subarray(0, count));
}

/** What a peer begins with → the words of the refusal, and the byte that says what it is. */
const NO_TLS = [
  ["GET / HTTP/1.1\r\n", "The peer does not speak TLS", 0x47],
  ["\x05\x01\x00", "The peer does not speak TLS", 5],
  // An alert, and the version of SSL 2.
  ["\x15\x03\x01\x00\x02\x01\x00", "The peer does not speak TLS", 0x15],
  ["\x16\x02\x01\x00\x05hello", "The peer does not speak TLS", 0x16],
  [
    "\x16\x03\x01\x00\x00",
    "The peer's first TLS record has no valid length",
    undefined,
  ],
  [
    "\x16\x03\x01\x40\x01",
    "The peer's first TLS record has no valid length",
    undefined,
  ],
] as const;

for (const [begin, message, firstByte] of NO_TLS) {
  Deno.test(`a peer that begins with ${JSON.stringify(begin)} does not speak TLS`, async () => {
    const { conn, far, refused } = setUp();
    await far.write(bytesOf(begin));
    await assert.rejects(
      within(acceptTls(conn, { identity }), "the refusal"),
      (error) => {
        assert.ok(error instanceof NoTlsError);
        assert.equal(error.name, "NoTlsError");
        assert.equal(error.message, message);
        assert.equal(error.firstByte, firstByte);
        return true;
      },
    );
    assert.equal(conn.isClosed, false);
    assert.deepEqual(refused, []);
    conn.close();
  });
}

for (const begin of ["G", "GET / HTTP/1.1\r\n", "\x16\x02"]) {
  Deno.test(`${JSON.stringify(begin)} can be read again`, async () => {
    const { conn, far } = setUp();
    await far.write(bytesOf(begin));
    await assert.rejects(acceptTls(conn, { identity }), NoTlsError);
    assert.equal(await readText(conn), begin);
    conn.close();
  });
}

for (
  const begin of ["", "\x16", "\x16\x03\x01\x00", "\x16\x03\x01\x00\x05hell"]
) {
  Deno.test(`a peer that ends after ${JSON.stringify(begin)} is not an error`, async () => {
    const { conn, far, refused } = setUp();
    if (begin !== "") await far.write(bytesOf(begin));
    await far.closeWrite();
    const accepting = acceptTls(conn, { identity });
    assert.equal(await within(accepting, "the end"), undefined);
    assert.deepEqual(refused, []);
    conn.close();
  });
}

for (const begin of ["", "\x16", `\x16\x03\x01\x40\x00${"x".repeat(16_383)}`]) {
  Deno.test(`a peer that stops after ${begin.length} bytes is refused in time`, async () => {
    const { conn, far, refused } = setUp();
    if (begin !== "") await far.write(bytesOf(begin));
    const accepting = acceptTls(conn, { identity, timeout: 20 });
    await within(accepting.catch(() => {}), "the time to be over");
    assert.deepEqual(refused, ["tls_timeout"]);
    assert.equal(conn.isClosed, true);
  });
}

/** A real client, whose bytes come so many at once. */
async function handshake(
  alpnProtocols: string[],
  most: number,
): Promise<string | undefined> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    const tcp = await listener.accept();
    const conn = new AcceptedConnection(tcp, { port: "proxy", openedAt: 0 });
    const read = conn.read.bind(conn);
    conn.read = (into) => read(into.subarray(0, most));
    const tls = await acceptTls(conn, { identity });
    // Its ciphertext was read, so that the client's end is seen.
    await tls?.stream.read(new Uint8Array(1));
    tls?.stream.close();
    return tls?.serverName;
  })();
  const tcp = await Deno.connect({
    hostname: "127.0.0.1",
    port: listener.addr.port,
  });
  using tls = await Deno.startTls(tcp, {
    hostname: "lab.test",
    caCerts: [authority.ca],
    alpnProtocols,
  });
  await tls.handshake();
  await tls.closeWrite();
  return await within(accepting, "the handshake");
}

Deno.test("TLS begins however its bytes come", async () => {
  assert.equal(await handshake(["http/1.1"], Infinity), "lab.test");
  assert.equal(await handshake(["http/1.1"], 1), "lab.test");
});

Deno.test("a hello that is longer than most is taken whole", async () => {
  const protocols = Array.from({ length: 20 }, (_, at) => `${at}`.repeat(100));
  assert.equal(await handshake(["http/1.1", ...protocols], 700), "lab.test");
});
