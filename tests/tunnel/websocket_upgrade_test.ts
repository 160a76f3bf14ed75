/** @module */
import assert from "node:assert/strict";
import type { ByteStream } from "../../src/net/stream/byte_stream.ts";
import { readUpgrade, requestUpgrade } from "../../src/tunnel/upgrade.ts";
import { acceptOf } from "../../src/websocket/handshake.ts";
import {
  ByteScanner,
  bytesOf,
  textOf,
  writeAll,
} from "../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../testing/memory_duplex.ts";

const TUNNEL_ID = "0123456789abcdef0123456789abcdef";
const OPTIONS = {
  authority: "a.test:443",
  tunnelId: TUNNEL_ID,
  token: "secret",
  transport: "websocket",
} as const;
/** That of RFC 6455 §1.3. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A handshake; `fields` replace those of the same name, and empty ones are left out. */
function handshake(fields: Readonly<Record<string, string>> = {}): string {
  const all = {
    Host: "a.test",
    Authorization: "Bearer secret",
    Connection: "keep-alive, Upgrade",
    Upgrade: "WebSocket",
    "sallyport-version": "1",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
    ...fields,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET /tunnels/${TUNNEL_ID}/connect HTTP/1.1\r\n${lines.join("")}\r\n`;
}

async function say(conn: ByteStream, text: string): Promise<void> {
  await writeAll(conn, bytesOf(text));
}

Deno.test("requestUpgrade() opens a WebSocket, and its bytes pass both ways", async () => {
  const [client, server] = createMemoryDuplex(8);
  const requested = requestUpgrade(client, OPTIONS);
  const upgrade = await readUpgrade(server);
  assert.equal(upgrade?.transport, "websocket");
  assert.equal(upgrade.token, "secret");

  const [far, near] = await Promise.all([upgrade.accept(), requested]);

  const heard = new ByteScanner(near).readThrough("\n");
  await say(far, "PRI\n");
  assert.equal(await heard, "PRI\n");
  const back = new ByteScanner(far).readThrough("\n");
  await say(near, "SETTINGS\n");
  assert.equal(await back, "SETTINGS\n");
});

Deno.test("requestUpgrade() sends the handshake of RFC 6455", async () => {
  const [client, server] = createMemoryDuplex();
  const requested = requestUpgrade(client, OPTIONS).catch(() => {});

  const head = await new ByteScanner(server).readThrough("\r\n\r\n") ?? "";

  assert.match(head, /\r\nUpgrade: websocket\r\n/);
  assert.match(head, /\r\nSec-WebSocket-Version: 13\r\n/);
  assert.match(head, /\r\nSec-WebSocket-Key: [A-Za-z\d+/]{22}==\r\n/);
  server.close();
  await requested;
});

Deno.test("readUpgrade() proves that it has read the key", async () => {
  const [client, server] = createMemoryDuplex();
  await say(client, handshake());

  await (await readUpgrade(server))?.accept();

  const head = await new ByteScanner(client).readThrough("\r\n\r\n") ?? "";
  assert.match(head, /^HTTP\/1\.1 101 /);
  assert.match(head, /\r\nUpgrade: websocket\r\n/);
  assert.ok(head.includes(`\r\nSec-WebSocket-Accept: ${acceptOf(KEY)}\r\n`));
});

for (
  const [what, fields, status] of [
    ["no key", { "Sec-WebSocket-Key": "" }, 400],
    ["a short key", { "Sec-WebSocket-Key": "AAAA" }, 400],
    ["another version", { "Sec-WebSocket-Version": "8" }, 400],
    ["no token", { Authorization: "" }, 401],
    ["another version of Sallyport", { "sallyport-version": "9" }, 426],
  ] as const
) {
  Deno.test(`readUpgrade() refuses a WebSocket handshake with ${what}`, async () => {
    const [client, server] = createMemoryDuplex();
    await say(client, handshake(fields));

    assert.equal(await readUpgrade(server), undefined);

    const text = textOf(await new ByteScanner(client).readAll());
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
  });
}

for (
  const [what, fields] of [
    ["without a proof", ""],
    ["with a wrong proof", "Sec-WebSocket-Accept: AAAA\r\n"],
    [
      "with an extension that nobody offered",
      "Sec-WebSocket-Extensions: a\r\n",
    ],
  ] as const
) {
  Deno.test(`requestUpgrade() refuses a WebSocket ${what}`, async () => {
    const [client, server] = createMemoryDuplex();
    const requested = requestUpgrade(client, OPTIONS);
    const refused = assert.rejects(requested, { code: "notSallyport" });

    await new ByteScanner(server).readThrough("\r\n\r\n");
    await say(
      server,
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n" +
        `Upgrade: websocket\r\n${fields}\r\n`,
    );

    await refused;
  });
}
