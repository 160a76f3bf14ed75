/**
 * What tests of who is cut off need: a server with two users, a shared tunnel of
 * the one, and everything that the other can have open through it.
 *
 * @module
 */
import { connect as http2Connect } from "node:http2";
import { connect as tlsConnect } from "node:tls";
import type { ByteStream } from "../../src/net/stream/byte_stream.ts";
import { StreamDuplex } from "../../src/net/tls/stream_duplex.ts";
import { databasePath } from "../../src/config/data_dir.ts";
import {
  type Accounts,
  openAccounts,
} from "../../src/server/accounts/accounts.ts";
import type { Server } from "../../src/server/server.ts";
import { temporaryDirectory } from "../system/programs.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { RawClient } from "../testing/raw_client.ts";
import { USER } from "../testing/user.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { writeAll } from "../testing/byte_scanner.ts";
import { WEBSOCKET_FIELDS } from "../testing/websocket_client.ts";

/** Keys in tests guard nothing. */
export const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;

/** The user who is cut off. */
export const BOB = { name: "bob", key: "bob-key-123456" } as const;

/** More than fits into all windows and sockets on the way. */
const STALLED_BYTES = 64 * 1024 * 1024;

/** A host whose TLS is opened. */
const OPENED = "opened.test";

/** The parts of the world. */
export interface World extends AsyncDisposable {
  readonly server: Server;
  readonly tunnelId: string;
  readonly plain: Origin;
  readonly secure: Origin;
  /** As the command line works with them beside the server. */
  readonly accounts: Accounts;
}

/** A server with the tunnel "lab" of the user "demo", which is shared, and the user {@linkcode BOB} of the same organization. */
export async function startWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { path: dataDir } = stack.use(await temporaryDirectory());
  const server = stack.use(
    await startTestServer({ dataDir, users: [BOB], direct: "all" }),
  );
  const accounts = stack.use(
    openAccounts(databasePath(dataDir), { cost: CHEAP }),
  );
  await accounts.organizations.add("acme");
  const plain = stack.use(await startOrigin());
  const secure = stack.use(await startOrigin("https", [OPENED]));
  const lab = stack.use(
    await startTestClient(server, {
      shared: "all",
      tlsResignDomains: [`^${OPENED}$`],
      directDomains: ["^127\\."],
      caCerts: [server.ca?.pem ?? "", secure.ca ?? ""],
    }),
  );
  const parts = stack.move();
  return {
    ...{ server, accounts, plain, secure, tunnelId: lab.tunnel.id },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** How many requests run in the tunnel, as its owner reads it. */
export async function requestsUnderWay({ server, tunnelId }: World): Promise<
  number
> {
  using client = Deno.createHttpClient({ caCerts: [server.ca?.pem ?? ""] });
  const { name, key } = USER;
  const answer = await fetch(
    `${server.url}rest/v1/${name}/tunnels/${tunnelId}/num_jobs`,
    {
      client,
      headers: { Authorization: `Basic ${btoa(`${name}:${key}`)}` },
    },
  );
  return Number(/"jobs_running":(\d+)/.exec(await answer.text())?.[1]);
}

/** Something that is running. */
export interface UnderWay extends Disposable {
  readonly kind: string;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

/** Opens one of each kind for {@linkcode BOB}; all of them have begun when it resolves. */
export async function openEverything(world: World): Promise<UnderWay[]> {
  return await Promise.all([
    openPlain(world, { kind: "download", path: "/events" }),
    openPlain(world, {
      kind: "request without an answer",
      path: "/hold/never",
    }),
    openPlain(world, {
      kind: "download past the tunnel",
      path: "/events",
      hostname: "127.0.0.1",
    }),
    openUnread(world),
    openUpload(world),
    openStalledUpload(world),
    openConnect(world),
    openWebSocket(world),
    openSocks(world),
    openInside(world, "http/1.1"),
    openInside(world, "h2"),
    openPage(world),
  ]);
}

const AUTHORIZATION = `Basic ${btoa(`${BOB.name}+lab:${BOB.key}`)}`;

async function proxyOf({ server }: World): Promise<RawClient> {
  return await RawClient.connect({ port: server.proxyAddress.port });
}

function head(first: string, host: string, more: readonly string[]): string {
  const fields = [
    `Host: ${host}`,
    `Proxy-Authorization: ${AUTHORIZATION}`,
    ...more,
  ];
  return `${[first, ...fields].join("\r\n")}\r\n\r\n`;
}

/** Reads and drops what comes, to the end. */
async function drained(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  try {
    while (await conn.read(buffer) !== null);
  } catch {
    // A reset is an end too.
  }
}

function underWay(kind: string, raw: RawClient): UnderWay {
  return {
    kind,
    ended: drained(raw.conn),
    [Symbol.dispose]: () => raw.close(),
  };
}

async function openPlain(
  world: World,
  { kind, path, hostname = "plain.test" }: {
    readonly kind: string;
    readonly path: string;
    readonly hostname?: string;
  },
): Promise<UnderWay> {
  const raw = await proxyOf(world);
  const host = `${hostname}:${world.plain.port}`;
  await raw.send(head(`GET http://${host}${path} HTTP/1.1`, host, []));
  if (path === "/events") await raw.readHead();
  else await world.plain.held("never");
  return underWay(kind, raw);
}

/** A download that the browser does not read; whether it has ended only the server knows. */
async function openUnread(world: World): Promise<UnderWay> {
  const raw = await proxyOf(world);
  const host = `plain.test:${world.plain.port}`;
  const path = `/bytes/${STALLED_BYTES}`;
  await raw.send(head(`GET http://${host}${path} HTTP/1.1`, host, []));
  await raw.readHead();
  return {
    kind: "download that is not read",
    ended: Promise.resolve(),
    [Symbol.dispose]: () => raw.close(),
  };
}

/** An upload whose content goes on for ever, echoed as it comes. */
async function openUpload(world: World): Promise<UnderWay> {
  const raw = await proxyOf(world);
  const host = `plain.test:${world.plain.port}`;
  const fields = ["Transfer-Encoding: chunked"];
  await raw.send(head(`POST http://${host}/echo HTTP/1.1`, host, fields));
  await raw.send("5\r\nhello\r\n");
  await raw.readThrough("hello");
  return underWay("upload", raw);
}

/** An upload that the site does not read: nothing moves in either direction. */
async function openStalledUpload(world: World): Promise<UnderWay> {
  const raw = await proxyOf(world);
  const host = `plain.test:${world.plain.port}`;
  const fields = [`Content-Length: ${STALLED_BYTES}`];
  await raw.send(
    head(`POST http://${host}/hold/stalled HTTP/1.1`, host, fields),
  );
  await world.plain.held("stalled");
  // It ends when all between here and the site is full, or everything is cut.
  void writeAll(raw.conn, new Uint8Array(STALLED_BYTES)).catch(() => {});
  return underWay("stalled upload", raw);
}

async function openConnect(world: World): Promise<UnderWay> {
  const raw = await connectTo(world, `plain.test:${world.plain.port}`);
  await raw.send("GET /events HTTP/1.1\r\nHost: plain.test\r\n\r\n");
  await raw.readHead();
  return underWay("CONNECT", raw);
}

async function connectTo(world: World, host: string): Promise<RawClient> {
  const raw = await proxyOf(world);
  await raw.send(head(`CONNECT ${host} HTTP/1.1`, host, []));
  await raw.readHead();
  return raw;
}

async function openWebSocket(world: World): Promise<UnderWay> {
  const raw = await proxyOf(world);
  const host = `plain.test:${world.plain.port}`;
  const fields = WEBSOCKET_FIELDS.map(([name, value]) => `${name}: ${value}`);
  await raw.send(head(`GET http://${host}/ws HTTP/1.1`, host, fields));
  const answer = await raw.readHead();
  if (!answer.startsWith("HTTP/1.1 101 ")) throw new Error(answer);
  return underWay("WebSocket", raw);
}

/** By RFC 1928 and RFC 1929. */
async function openSocks(world: World): Promise<UnderWay> {
  const raw = await proxyOf(world);
  await raw.send(new Uint8Array([5, 1, 2]));
  await raw.readExactly(2);
  await raw.send(
    new Uint8Array([1, ...sized(`${BOB.name}+lab`), ...sized(BOB.key)]),
  );
  await raw.readExactly(2);
  const { port } = world.plain;
  await raw.send(
    new Uint8Array([5, 1, 0, 3, ...sized("plain.test"), port >> 8, port & 255]),
  );
  await raw.readExactly(10);
  await raw.send("GET /events HTTP/1.1\r\nHost: plain.test\r\n\r\n");
  await raw.readHead();
  return underWay("SOCKS", raw);
}

/** Text behind its length. */
function sized(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

/** Server-sent events inside TLS that the server opens. */
async function openInside(
  world: World,
  protocol: "http/1.1" | "h2",
): Promise<UnderWay> {
  const host = `${OPENED}:${world.secure.port}`;
  const raw = await connectTo(world, host);
  const ended = Promise.withResolvers<void>();
  const below = new StreamDuplex(watched(raw.conn, ended.resolve), {
    mayRead: () => true,
    onEnd: () => below.destroy(),
  });
  const socket = tlsConnect({
    socket: below,
    servername: OPENED,
    ALPNProtocols: [protocol],
    rejectUnauthorized: false,
  });
  socket.on("error", () => {});
  const begun = Promise.withResolvers<void>();
  if (protocol === "h2") {
    const session = http2Connect(`https://${host}`, {
      createConnection: () => socket,
    });
    session.on("error", () => {});
    const stream = session.request({ ":path": "/events" });
    stream.on("data", () => begun.resolve());
    stream.on("error", () => {});
  } else {
    socket.on("data", () => begun.resolve());
    socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  }
  await begun.promise;
  return {
    kind: `request by ${protocol} inside opened TLS`,
    ended: ended.promise,
    [Symbol.dispose]() {
      socket.destroy();
      raw.close();
    },
  };
}

/** The same connection, with a promise of its end. */
function watched(conn: Deno.Conn, onEnd: () => void): ByteStream {
  return {
    async read(into) {
      const count = await conn.read(into).catch(() => null);
      if (count === null) onEnd();
      return count;
    },
    write: (bytes) => conn.write(bytes),
    closeWrite: () => conn.closeWrite(),
    close: () => conn.close(),
  };
}

/** The list of tunnels, which is kept live. */
async function openPage({ server }: World): Promise<UnderWay> {
  const client = Deno.createHttpClient({ caCerts: [server.ca?.pem ?? ""] });
  const gone = new AbortController();
  const answer = await fetch(`${server.url}events`, {
    client,
    signal: gone.signal,
    headers: { Authorization: `Basic ${btoa(`${BOB.name}:${BOB.key}`)}` },
  });
  const reader = answer.body?.getReader();
  await reader?.read();
  return {
    kind: "live page",
    ended: ended(reader),
    [Symbol.dispose]() {
      gone.abort();
      client.close();
    },
  };
}

async function ended(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined,
): Promise<void> {
  try {
    while (reader !== undefined && !(await reader.read()).done);
  } catch {
    // A reset is an end too.
  }
}
