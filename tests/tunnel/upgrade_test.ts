/** @module */
import assert from "node:assert/strict";
import type { ByteStream } from "../../src/net/stream/byte_stream.ts";
import { TunnelError } from "../../src/tunnel/errors.ts";
import {
  readUpgrade,
  requestUpgrade,
  type Upgrade,
} from "../../src/tunnel/upgrade.ts";
import {
  ByteScanner,
  bytesOf,
  textOf,
  writeAll,
} from "../testing/byte_scanner.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { within } from "../testing/deadline.ts";
import {
  createMemoryDuplex,
  type MemoryConn,
} from "../testing/memory_duplex.ts";
import { RawClient } from "../testing/raw_client.ts";
import { TcpServer } from "../testing/tcp_server.ts";

const TUNNEL_ID = "0123456789abcdef0123456789abcdef";
const OPTIONS = {
  authority: "a.test:443",
  tunnelId: TUNNEL_ID,
  token: "secret",
};
const REQUEST = `GET /tunnels/${TUNNEL_ID}/connect HTTP/1.1\r\n` +
  "Host: a.test:443\r\nAuthorization: Bearer secret\r\n" +
  "Connection: Upgrade\r\nUpgrade: sallyport\r\nsallyport-version: 1\r\n\r\n";
const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\n" +
  "Connection: Upgrade\r\nUpgrade: sallyport\r\n\r\n";

/** Sends `text` on `conn`. */
async function say(conn: ByteStream, text: string): Promise<void> {
  await writeAll(conn, bytesOf(text));
}

/** The response to `request` of a server that responds to all Upgrades itself. */
async function answerTo(request: string): Promise<string> {
  const [client, server] = createMemoryDuplex();
  await say(client, request);
  assert.equal(await readUpgrade(server), undefined);
  return textOf(await new ByteScanner(client).readAll());
}

/** A client's Upgrade to a server that sends `answer` and ends its side. */
async function requestAnsweredBy(answer: string): Promise<ByteStream> {
  const [client, server] = createMemoryDuplex(8);
  const answered = respond(server, answer);
  try {
    return await within(requestUpgrade(client, OPTIONS), "the Upgrade");
  } finally {
    await answered;
  }
}

/** Reads a request and responds; the client may have gone meanwhile. */
async function respond(server: MemoryConn, answer: string): Promise<void> {
  try {
    await new ByteScanner(server).readThrough("\r\n\r\n");
    await say(server, answer);
  } catch {
    // What the client made of it is what the test looks at.
  }
  await server.closeWrite();
}

/** Both ends of an Upgrade over eight bytes, the server's with the client's request. */
async function meet(): Promise<{
  readonly upgrade: Upgrade;
  readonly requested: Promise<ByteStream>;
}> {
  const [client, server] = createMemoryDuplex(8);
  const requested = requestUpgrade(client, OPTIONS);
  const upgrade = await readUpgrade(server);
  assert.ok(upgrade !== undefined);
  return { upgrade, requested };
}

Deno.test("requestUpgrade() sends what the protocol says", async () => {
  const [client, server] = createMemoryDuplex();
  const requested = requestUpgrade(client, OPTIONS);

  const scanner = new ByteScanner(server);
  assert.equal(await scanner.readThrough("\r\n\r\n"), REQUEST);
  await say(server, SWITCHING);
  await requested;
});

Deno.test("readUpgrade() responds to an Upgrade as the protocol says", async () => {
  const [client, server] = createMemoryDuplex();
  await say(client, REQUEST);

  await (await readUpgrade(server))?.accept();

  const scanner = new ByteScanner(client);
  assert.equal(await scanner.readThrough("\r\n\r\n"), SWITCHING);
});

Deno.test("client and server come to an agreement over eight bytes", async () => {
  const { upgrade, requested } = await meet();
  assert.equal(upgrade.tunnelId, TUNNEL_ID);
  assert.equal(upgrade.token, "secret");

  const [server, client] = await Promise.all([upgrade.accept(), requested]);

  const heard = new ByteScanner(client).readThrough("\r\n");
  await say(server, "PRI * HTTP/2.0\r\n");
  assert.equal(await heard, "PRI * HTTP/2.0\r\n");
  client.close();
});

Deno.test("requestUpgrade() gives the bytes that came with the 101", async () => {
  const stream = await requestAnsweredBy(`${SWITCHING}early`);

  assert.equal(textOf(await new ByteScanner(stream).readAll()), "early");
});

Deno.test("bytes that came with the 101 in one piece are not lost", async () => {
  const [client, server] = createMemoryDuplex();
  await say(server, `${SWITCHING}early`);

  const stream = await requestUpgrade(client, OPTIONS);
  await say(server, " and late");

  const scanner = new ByteScanner(stream);
  assert.equal(textOf(await scanner.readExactly(14)), "early and late");
});

Deno.test("readUpgrade() gives the bytes that came with the request", async () => {
  const [client, server] = createMemoryDuplex();
  await say(client, `${REQUEST}early`);

  const upgrade = await readUpgrade(server);
  const stream = await upgrade?.accept();

  assert.ok(stream !== undefined);
  assert.equal(textOf(await new ByteScanner(stream).readExactly(5)), "early");
});

Deno.test("a client gets the whole reason of a refusal, over eight bytes", async () => {
  const refusals = [
    [401, "refused", false],
    [410, "refused", false],
    [426, "versionMismatch", false],
    [503, "lost", true],
  ] as const;
  for (const [status, code, retryable] of refusals) {
    const { upgrade, requested } = await meet();
    const reason = "The tunnel token is not right, naïve “client”";

    const [, refused] = await Promise.allSettled([
      upgrade.refuse(status, reason),
      requested,
    ]);

    assert.ok(refused.status === "rejected");
    const error: unknown = refused.reason;
    assert.ok(error instanceof TunnelError);
    assert.equal(error.message, `Cannot open a session: ${reason}`);
    assert.equal(error.code, code);
    assert.equal(error.retryable, retryable);
  }
});

Deno.test("a client gets the reason of a refusal over TLS", async () => {
  const authority = await createTestAuthority();
  const tls = await authority.issue(["127.0.0.1"]);
  await using server = new TcpServer(async (conn) => {
    await (await readUpgrade(conn))?.refuse(401, "The token is not right");
  }, { tls });
  using client = await RawClient.connect({
    port: server.port,
    ca: authority.ca,
  });

  await assert.rejects(requestUpgrade(client.conn, OPTIONS), {
    code: "refused",
    message: "Cannot open a session: The token is not right",
  });
});

Deno.test("requestUpgrade() names the status when no reason was given", async () => {
  const answers = [
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: x\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\n\r\nreason of unknown length",
  ];
  for (const answer of answers) {
    await assert.rejects(requestAnsweredBy(answer), {
      code: "refused",
      message: "Cannot open a session: status 401",
    });
  }
});

Deno.test("requestUpgrade() shows one line of a reason, and not a long one", async () => {
  const long = `${"a".repeat(1_000)}\nb`;
  const answer = (text: string) =>
    `HTTP/1.1 401 No\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

  await assert.rejects(requestAnsweredBy(answer(long)), {
    message: `Cannot open a session: ${"a".repeat(512)}`,
  });
  await assert.rejects(requestAnsweredBy(answer("one\n\x1b[2Jtwo\n")), {
    message: "Cannot open a session: one",
  });
});

Deno.test("requestUpgrade() says when the peer is not a Sallyport server", async () => {
  const answers: readonly (readonly [answer: string, why: string])[] = [
    ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "status 200"],
    ["HTTP/1.0 404 Not Found\r\n\r\n", "status 404"],
    [
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
      "it switched to another protocol",
    ],
    [
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "it switched to another protocol",
    ],
  ];
  for (const [answer, why] of answers) {
    await assert.rejects(requestAnsweredBy(answer), {
      name: "TunnelError",
      code: "notSallyport",
      retryable: false,
      message:
        `Cannot open a session: no Sallyport server at that address, ${why}`,
    });
  }
});

for (const status of [429, 500, 502, 503, 504]) {
  Deno.test(`requestUpgrade() is worth another attempt when a balancer says ${status}`, async () => {
    const page = "<html>\n<head>";
    const answer = `HTTP/1.1 ${status} No\r\nContent-Type: text/html\r\n` +
      `Content-Length: ${page.length}\r\n\r\n${page}`;

    await assert.rejects(requestAnsweredBy(answer), {
      code: "lost",
      retryable: true,
      message: `Cannot open a session: status ${status}`,
    });
  });
}

Deno.test("requestUpgrade() says when the peer does not speak HTTP", async () => {
  for (const answer of [REQUEST, "SSH-2.0-OpenSSH_9.9\r\n\r\n", "\x15\x03"]) {
    await assert.rejects(requestAnsweredBy(answer), {
      code: "notSallyport",
      message: /no Sallyport server at that address, it does not speak HTTP$/,
    });
  }
});

Deno.test("requestUpgrade() is worth another attempt when the connection ends", async () => {
  for (const answer of ["", SWITCHING.slice(0, 40)]) {
    await assert.rejects(requestAnsweredBy(answer), {
      code: "lost",
      retryable: true,
      message: /^Cannot open a session: /,
    });
  }
});

Deno.test("requestUpgrade() gives up a server that says nothing, and closes", async () => {
  const [client, server] = createMemoryDuplex();

  await assert.rejects(requestUpgrade(client, { ...OPTIONS, timeout: 10 }), {
    code: "lost",
    retryable: true,
    message: "Cannot open a session: no response in time",
  });
  const heard = new ByteScanner(server);
  assert.equal(textOf(await heard.readAll()), REQUEST);
});

Deno.test("requestUpgrade() ends when its signal is aborted, and closes", async () => {
  const stop = new AbortController();
  const [client, server] = createMemoryDuplex();
  const requested = requestUpgrade(client, { ...OPTIONS, signal: stop.signal });
  const heard = new ByteScanner(server);
  await heard.readThrough("\r\n\r\n");

  stop.abort(new RangeError("enough"));

  await assert.rejects(requested, { code: "lost", retryable: true });
  assert.equal(textOf(await heard.readAll()), "");
});

Deno.test("readUpgrade() gives up a client that says nothing, and closes", async () => {
  const [client, server] = createMemoryDuplex();
  await say(client, "GET /");

  await assert.rejects(readUpgrade(server, { timeout: 10 }), {
    name: "TimeoutError",
  });
  assert.equal(await client.read(new Uint8Array(1)), null);
});

Deno.test("readUpgrade() gives nothing when the client leaves without a word", async () => {
  const [client, server] = createMemoryDuplex();
  await client.closeWrite();

  assert.equal(await readUpgrade(server), undefined);
});

Deno.test("readUpgrade() throws when the client leaves in the middle, or sends no HTTP", async () => {
  for (
    const text of [REQUEST.slice(0, 50), "\x16\x03\x01\x02", "a".repeat(9_000)]
  ) {
    const [client, server] = createMemoryDuplex();
    await say(client, text);
    await client.closeWrite();

    await assert.rejects(readUpgrade(server), { name: "Http1Error" });
  }
});

Deno.test("readUpgrade() tells clients of other kinds and versions what is wrong", async () => {
  const changes:
    readonly (readonly [from: string, to: string, answer: RegExp])[] = [
      [
        "GET",
        "POST",
        /^HTTP\/1\.1 404 .*clients; browsers use the proxy port\n$/s,
      ],
      ["/tunnels/", "/tunnel/", /^HTTP\/1\.1 404 /],
      [TUNNEL_ID, "nonsense", /^HTTP\/1\.1 404 /],
      [
        "Upgrade: sallyport",
        "Upgrade: websocket",
        /^HTTP\/1\.1 400 .*handshake is not of version 13\n$/s,
      ],
      [
        "Upgrade: sallyport",
        "Upgrade: h2c",
        /^HTTP\/1\.1 400 .*says neither sallyport nor websocket\n$/s,
      ],
      ["Upgrade: sallyport\r\n", "", /^HTTP\/1\.1 400 /],
      [
        "version: 1",
        "version: 2",
        /^HTTP\/1\.1 426 .*speaks version 1 of the protocol, update the client\n$/s,
      ],
      ["sallyport-version: 1\r\n", "", /^HTTP\/1\.1 426 /],
      [
        "Authorization: Bearer secret\r\n",
        "",
        /^HTTP\/1\.1 401 .*token is missing\n$/s,
      ],
      ["Bearer secret", "Basic secret", /^HTTP\/1\.1 401 /],
      ["Bearer secret", "Bearer one two", /^HTTP\/1\.1 401 /],
    ];
  for (const [from, to, answer] of changes) {
    assert.match(await answerTo(REQUEST.replace(from, to)), answer);
  }
});

Deno.test("a refusal announces the length of its reason in bytes", async () => {
  const [client, server] = createMemoryDuplex();
  await say(client, REQUEST);

  await (await readUpgrade(server))?.refuse(410, "naïve");

  const bytes = await new ByteScanner(client).readAll();
  const [head, content = ""] = textOf(bytes).split("\r\n\r\n");
  assert.match(String(head), /\r\nContent-Length: 7(\r\n|$)/);
  assert.equal(new TextDecoder().decode(bytesOf(content)), "naïve\n");
});
