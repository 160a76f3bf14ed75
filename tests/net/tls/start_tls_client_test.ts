/** @module */
import assert from "node:assert/strict";
import {
  type ByteStream,
  closeQuietly,
} from "../../../src/net/stream/byte_stream.ts";
import {
  startTlsClient,
  type TlsOptions,
} from "../../../src/net/tls/start_tls_client.ts";
import { createTestAuthority, type Validity } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";
import {
  startEchoServer,
  TcpServer,
  type TcpServerOptions,
} from "../../testing/tcp_server.ts";

const authority = await createTestAuthority();
const stranger = await createTestAuthority();

/** A server's certificate for `names`. */
async function certified(
  names: readonly string[],
  validity?: Validity,
): Promise<TcpServerOptions> {
  return { tls: await authority.issue(names, validity) };
}

/** Connects and does the handshake. */
async function connectTo(
  { port }: { readonly port: number },
  options: Partial<TlsOptions> = {},
): Promise<ByteStream & Disposable> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const stream = await within(
    startTlsClient(conn, {
      hostname: "localhost",
      port,
      caCerts: [authority.ca],
      ...options,
    }),
    "the handshake",
  );
  return Object.assign(stream, {
    [Symbol.dispose]: () => closeQuietly(stream),
  });
}

/** A server that takes connections and says `greeting`, not a word of TLS. */
function startPlainServer(greeting: string): TcpServer {
  return new TcpServer(async (conn) => {
    const buffer = new Uint8Array(4_096);
    await conn.read(buffer);
    await conn.write(new TextEncoder().encode(greeting));
    await conn.closeWrite();
    await conn.read(buffer);
  });
}

/** A server that never responds. */
function startSilentServer(onConnection: () => void = () => {}): TcpServer {
  return new TcpServer(async (conn) => {
    onConnection();
    while (await conn.read(new Uint8Array(4_096)) !== null);
  });
}

Deno.test("startTlsClient() speaks TLS with a server that it trusts", async () => {
  await using server = startEchoServer(await certified(["localhost"]));

  using conn = await connectTo(server);

  await conn.write(Uint8Array.of(1, 2, 3));
  assert.equal(await conn.read(new Uint8Array(10)), 3);
});

Deno.test("startTlsClient() agrees on the protocol that it offers", async () => {
  const tls = await authority.issue(["localhost"]);
  using listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    ...tls,
    alpnProtocols: ["h2", "http/1.1"],
  });
  const served = listener.accept().then(async (conn) => {
    using _conn = conn;
    return await conn.handshake();
  });

  using _client = await connectTo(listener.addr, {
    alpnProtocols: ["http/1.1"],
  });

  assert.equal((await served).alpnProtocol, "http/1.1");
});

Deno.test("startTlsClient() takes an IP address for the name when the certificate has it", async () => {
  await using server = startEchoServer(await certified(["127.0.0.1"]));

  using _conn = await connectTo(server, { hostname: "127.0.0.1" });

  assert.equal(server.open, 1);
});

Deno.test("startTlsClient() trusts only the given authorities", async () => {
  await using server = startEchoServer(await certified(["localhost"]));

  for (const caCerts of [[], [stranger.ca]]) {
    await assert.rejects(connectTo(server, { caCerts }), {
      name: "DialError",
      code: "certificate",
      message: /^Cannot connect to "localhost:\d+": invalid peer certificate: /,
    });
  }
});

Deno.test("startTlsClient() refuses a certificate for another name", async () => {
  await using server = startEchoServer(await certified(["other.test"]));

  await assert.rejects(connectTo(server), {
    code: "certificate",
    message: /not valid for name "localhost"/,
  });
});

Deno.test("startTlsClient() refuses a certificate that has expired or is not valid yet", async () => {
  const hour = 3_600_000;
  const notAfter = new Date(Date.now() - hour);
  const notBefore = new Date(Date.now() + hour);
  for (const validity of [{ notAfter }, { notBefore }]) {
    const options = await certified(["localhost"], validity);
    await using server = startEchoServer(options);

    await assert.rejects(connectTo(server), {
      code: "certificate",
      message: /expired|not valid yet/,
    });
  }
});

Deno.test("startTlsClient() says when the port does not speak TLS", async () => {
  await using server = startPlainServer("HTTP/1.1 400 Bad Request\r\n\r\n");

  await assert.rejects(connectTo(server), { code: "notTls" });
});

Deno.test("startTlsClient() says when the server hangs up", async () => {
  await using server = startPlainServer("");

  await assert.rejects(connectTo(server), {
    code: "tls",
    message: /closed during the TLS handshake$/,
  });
});

Deno.test("startTlsClient() gives up a handshake that takes too long", async () => {
  await using server = startSilentServer();

  await assert.rejects(connectTo(server, { timeout: 20 }), {
    code: "timedOut",
    message:
      `Cannot connect to "localhost:${server.port}": no response in time`,
  });
});

Deno.test("startTlsClient() ends when its signal is aborted", async () => {
  const stop = new AbortController();
  await using server = startSilentServer(() =>
    stop.abort(new RangeError("enough"))
  );

  await assert.rejects(connectTo(server, { signal: stop.signal }), {
    code: "aborted",
    message:
      `Cannot connect to "localhost:${server.port}": the attempt was given up`,
  });
});

Deno.test("startTlsClient() closes the connection when it cannot begin", async () => {
  await using server = startSilentServer();

  await assert.rejects(connectTo(server, { hostname: "not a name" }), {
    code: "failed",
    message: /Invalid hostname/,
  });
});
