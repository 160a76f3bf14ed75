/**
 * Promise: a client of 0.1.0 works with the server of today, and the client of
 * today with a server of 0.1.0. These tests speak as 0.1.0 does, with texts and
 * bytes that are written here and nowhere else: none of them may change.
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import { startClient } from "../../src/client/client.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import { RawClient } from "../testing/raw_client.ts";
import { startTestServer } from "../testing/running_system.ts";
import { USER } from "../testing/user.ts";
import {
  DATA,
  END_STREAM,
  FrameConn,
  PREFACE,
  SETTINGS,
} from "./frame_conn.ts";

const LOCALHOST = "127.0.0.1";
const AUTHORIZATION = `Basic ${btoa(`${USER.name}:${USER.key}`)}`;
/** What a client of 0.1.0 sends to start a tunnel. */
const CREATE = {
  tunnel_identifier: "lab",
  protocol: "h2c",
  tunnel_pool: false,
  metadata: {
    command: "run",
    extra: {},
    hostname: "build-7",
    platform: "linux x86_64",
    release: "0.1.0",
  },
};

/** A server of today, and a client that speaks as 0.1.0. */
class OldClient implements AsyncDisposable {
  readonly #parts = new AsyncDisposableStack();
  readonly #url: string;
  readonly #http: Deno.HttpClient;
  readonly #ca: string;
  readonly proxyPort: number;

  private constructor(url: string, ca: string, proxyPort: number) {
    this.#url = `${url}rest/v1/${USER.name}/tunnels`;
    this.#ca = ca;
    this.#http = this.#parts.use(Deno.createHttpClient({ caCerts: [ca] }));
    this.proxyPort = proxyPort;
  }

  static async start(): Promise<OldClient> {
    await using parts = new AsyncDisposableStack();
    const server = parts.use(await startTestServer());
    const client = new OldClient(
      server.url,
      server.ca?.pem ?? "",
      server.proxyAddress.port,
    );
    client.#parts.use(parts.move());
    return client;
  }

  /** Calls the REST API. */
  async call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly data: Reply }> {
    const answer = await fetch(this.#url + path, {
      client: this.#http,
      method,
      headers: {
        Authorization: AUTHORIZATION,
        Accept: "application/json",
        "User-Agent": "sallyport/0.1.0",
        ...body === undefined ? {} : { "Content-Type": "application/json" },
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: answer.status, data: await answer.json() };
  }

  /** Dials the tunnel server, and says what 0.1.0 says. */
  async dial(tunnel: Reply, version = "1"): Promise<FrameConn> {
    const port = Number(tunnel.tunnel_port);
    const hostname = String(tunnel.tunnel_host);
    const conn = this.#parts.use(
      new FrameConn(
        await Deno.connectTls({ hostname, port, caCerts: [this.#ca] }),
      ),
    );
    await conn.text(
      `GET /tunnels/${tunnel.id}/connect HTTP/1.1\r\n` +
        `Host: ${hostname}:${port}\r\n` +
        `Authorization: Bearer ${tunnel.tunnel_token}\r\n` +
        "Connection: Upgrade\r\n" +
        "Upgrade: sallyport\r\n" +
        `sallyport-version: ${version}\r\n\r\n`,
    );
    return conn;
  }

  /** Starts a tunnel with one session. */
  async open(): Promise<{ readonly tunnel: Reply; readonly conn: FrameConn }> {
    const { status, data: tunnel } = await this.call("POST", "", CREATE);
    assert.equal(status, 201);
    const conn = await this.dial(tunnel);
    const head = await conn.readThrough("\r\n\r\n");
    assert.deepEqual(head.trimEnd().split("\r\n"), [
      "HTTP/1.1 101 Switching Protocols",
      "Connection: Upgrade",
      "Upgrade: sallyport",
    ]);
    // From here on the server is the client of HTTP/2.
    assert.equal(await conn.readText(PREFACE.length), PREFACE);
    await conn.send(SETTINGS, { payload: CONNECT_PROTOCOL });
    assert.equal((await conn.next()).type, SETTINGS);
    return { tunnel, conn };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

type Reply = Readonly<Record<string, unknown>>;

/** SETTINGS_ENABLE_CONNECT_PROTOCOL = 1 (RFC 8441 §3). */
const CONNECT_PROTOCOL = Uint8Array.of(0, 8, 0, 0, 0, 1);
/** What a browser says to the proxy. */
const PROXY_AUTHORIZATION = `Proxy-Authorization: Basic ${
  btoa(`${USER.name}+lab:${USER.key}`)
}\r\n`;

Deno.test("0.1.0: what a server says of a new tunnel", async () => {
  await using client = await OldClient.start();

  const { status, data } = await client.call("POST", "", CREATE);

  assert.equal(status, 201);
  assert.match(String(data.id), /^[0-9a-f]{32}$/);
  const { id, tunnel_token, proxy_password, ...rest } = data;
  assert(String(tunnel_token).length > 0 && String(proxy_password).length > 0);
  const {
    tunnel_port,
    proxy_port,
    creation_time,
    host: _host,
    metadata,
    ...fixed
  } = rest;
  assert(Number(tunnel_port) > 0 && Number(proxy_port) > 0);
  assert(Number.isInteger(creation_time));
  assert.deepEqual(metadata, CREATE.metadata);
  // A newer server may say more.
  assert.partialDeepStrictEqual(fixed, {
    owner: USER.name,
    tunnel_identifier: "lab",
    status: "new",
    is_ready: false,
    protocol: "h2c",
    launch_time: null,
    last_connected: null,
    shutdown_time: null,
    shutdown_reason: null,
    user_shutdown: null,
    shared: "",
    shared_tunnel: false,
    tunnel_pool: false,
    messages: { fatal: [], warning: [] },
    tunnel_host: LOCALHOST,
    proxy_host: LOCALHOST,
    proxy_username: `${USER.name}+lab`,
  });
  const heartbeat = await client.call("POST", `/${id}/connected`, {
    kgp_is_connected: true,
    kgp_seconds_since_last_status_change: 3,
  });
  assert.deepEqual(heartbeat, { status: 200, data: { id, result: true } });
  const jobs = await client.call("GET", `/${id}/num_jobs`);
  assert.partialDeepStrictEqual(jobs, {
    status: 200,
    data: { jobs_running: 0 },
  });
  const stopped = await client.call(
    "DELETE",
    `/${id}?reason=sigterm&wait=1`,
  );
  assert.partialDeepStrictEqual(stopped, {
    status: 200,
    data: { jobs_running: 0 },
  });
});

Deno.test("0.1.0: a request, its answer, and the case of its names", async () => {
  await using client = await OldClient.start();
  const { conn } = await client.open();
  using browser = await RawClient.connect({ port: client.proxyPort });

  await browser.send(
    "POST http://shop.test/a?b HTTP/1.1\r\nHost: shop.test\r\n" +
      `${PROXY_AUTHORIZATION}X-Mixed: 1\r\nContent-Length: 3\r\n\r\nabc`,
  );
  const { stream, fields } = await conn.expectHeaders();
  const { payload } = await conn.expect(DATA);

  assert.deepEqual(fields.slice(0, 8), [
    ...[":method", "POST", ":scheme", "http"],
    ...[":path", "/a?b", ":authority", "shop.test"],
  ]);
  assert.equal(fields[fields.indexOf("x-mixed") + 1], "1");
  assert.equal(fields[fields.indexOf("content-length") + 1], "3");
  assert(!fields.includes("proxy-authorization"));
  const names = fields[fields.indexOf("sallyport-names") + 1] ?? "";
  assert(names.split(",").includes("X-Mixed"), names);
  assert.equal(new TextDecoder().decode(payload), "abc");

  await conn.headers(stream, [
    ...[":status", "201", "x-reply", "2", "content-length", "2"],
    ...["sallyport-names", "X-Reply,Content-Length"],
  ]);
  await conn.send(DATA, { stream, flags: END_STREAM, payload: bytesOf("ok") });
  const head = await browser.readHead();

  assert.match(head, /^HTTP\/1\.1 201 /);
  assert.match(head, /\r\nX-Reply: 2\r\n/);
  assert.doesNotMatch(head, /sallyport-names/i);
  assert.equal(
    new TextDecoder().decode(await browser.readExactly(2)),
    "ok",
  );
});

Deno.test("0.1.0: CONNECT and WebSocket are streams of bytes", async () => {
  await using client = await OldClient.start();
  const { conn } = await client.open();
  using browser = await RawClient.connect({ port: client.proxyPort });
  await browser.send(
    "CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n" +
      `${PROXY_AUTHORIZATION}\r\n`,
  );

  const { stream, fields } = await conn.expectHeaders();
  assert.deepEqual(fields.slice(0, 4), [
    ...[":method", "CONNECT", ":authority", "shop.test:443"],
  ]);
  assert(!fields.includes(":scheme") && !fields.includes(":path"));
  await conn.headers(stream, [":status", "200"]);
  assert.match(await browser.readHead(), /^HTTP\/1\.1 200 /);
  await browser.send("up");
  const up = await conn.expect(DATA);
  assert.deepEqual(
    [up.stream, new TextDecoder().decode(up.payload)],
    [stream, "up"],
  );
  await conn.send(DATA, { stream, payload: bytesOf("down") });
  assert.equal(
    new TextDecoder().decode(await browser.readExactly(4)),
    "down",
  );

  using socket = await RawClient.connect({ port: client.proxyPort });
  await socket.send(
    "GET http://shop.test/live HTTP/1.1\r\nHost: shop.test\r\n" +
      `${PROXY_AUTHORIZATION}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  const opening = await conn.expectHeaders();
  assert.deepEqual(opening.fields.slice(0, 10), [
    ...[":method", "CONNECT", ":protocol", "websocket", ":scheme", "http"],
    ...[":path", "/live", ":authority", "shop.test"],
  ]);
  await conn.headers(opening.stream, [
    ...[":status", "200", "sallyport-upgraded", "websocket"],
  ]);
  const head = await socket.readHead();
  assert.match(head, /^HTTP\/1\.1 101 /);
  assert.match(head, /\r\nUpgrade: websocket\r\n/);
});

Deno.test("0.1.0: the probe asks for its host and takes 204", async () => {
  await using client = await OldClient.start();
  const { tunnel, conn } = await client.open();

  const probed = client.call("POST", `/${tunnel.id}/probe`);
  const { stream, fields } = await conn.expectHeaders();
  const at = fields.indexOf(":authority") + 1;
  assert.equal(fields[at], "probe.sallyport.invalid");
  await conn.headers(stream, [":status", "204"], END_STREAM);

  const { status, data } = await within(probed, "the probe");
  assert.equal(status, 200);
  assert.equal(typeof data.duration, "number");
});

Deno.test("0.1.0: what a server refuses, and how", async () => {
  await using client = await OldClient.start();
  const { data: tunnel } = await client.call("POST", "", CREATE);
  const refusalOf = async (conn: FrameConn) => {
    const head = await conn.readThrough("\r\n\r\n");
    const [, length = ""] = /\r\nContent-Length: (\d+)\r\n/.exec(head) ?? [];
    return {
      status: head.slice(9, 12),
      text: await conn.readText(Number(length)),
    };
  };

  assert.deepEqual(await refusalOf(await client.dial(tunnel, "2")), {
    status: "426",
    text: "The server speaks version 1 of the protocol, update the client\n",
  });
  const wrong = { ...tunnel, tunnel_token: "wrong" };
  assert.equal((await refusalOf(await client.dial(wrong))).status, "401");
});

/** A server of 0.1.0, as far as one tunnel needs it. */
async function startOldServer(): Promise<
  AsyncDisposable & {
    readonly url: string;
    readonly ca: string;
    /** The upgrade request and the connection of the next session. */
    session(): Promise<{ readonly head: string; readonly conn: FrameConn }>;
    /** Lets the probe of the client pass. */
    passProbe(): void;
    readonly calls: string[];
    readonly bodies: Reply[];
  }
> {
  await using parts = new AsyncDisposableStack();
  const authority = await createTestAuthority();
  const tls = await authority.issue([LOCALHOST]);
  const listener = parts.use(
    Deno.listenTls({ hostname: LOCALHOST, port: 0, ...tls }),
  );
  const probe = Promise.withResolvers<void>();
  const calls: string[] = [];
  const bodies: Reply[] = [];
  const id = "0123456789abcdef0123456789abcdef";
  const created = oldTunnel(id, listener.addr.port);
  const rest = Deno.serve(
    { hostname: LOCALHOST, port: 0, onListen() {}, ...tls },
    async (request) => {
      const path = new URL(request.url).pathname
        .replace(`/rest/v1/${USER.name}/tunnels`, "");
      calls.push(`${request.method} ${path}`);
      if (request.method === "POST" && path !== `/${id}/probe`) {
        bodies.push(await request.json());
      }
      switch (`${request.method} ${path}`) {
        case "GET /info/updates":
          return Response.json(UPDATES);
        case "POST ":
          return Response.json(created, { status: 201 });
        case `POST /${id}/probe`:
          await probe.promise;
          return Response.json({ result: true, duration: 1 });
        case `POST /${id}/connected`:
          return Response.json({ id, result: true });
        case `GET /${id}`:
          return Response.json(created);
        case `DELETE /${id}`:
          return Response.json({ id, jobs_running: 0, result: true });
        default:
          return Response.json({ error: "no such path" }, { status: 404 });
      }
    },
  );
  parts.defer(() => rest.shutdown());
  const moved = parts.move();
  return {
    url: `https://${LOCALHOST}:${rest.addr.port}`,
    ca: authority.ca,
    calls,
    bodies,
    passProbe: probe.resolve,
    async session() {
      const conn = moved.use(
        new FrameConn(await within(listener.accept(), "a session")),
      );
      return { head: await conn.readThrough("\r\n\r\n"), conn };
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** All that a server of 0.1.0 says, and no more. */
function oldTunnel(id: string, port: number): Reply {
  return {
    id,
    owner: USER.name,
    tunnel_identifier: "lab",
    status: "running",
    is_ready: true,
    host: LOCALHOST,
    protocol: "h2c",
    creation_time: 1_760_000_000,
    launch_time: null,
    last_connected: null,
    shutdown_time: null,
    shutdown_reason: null,
    user_shutdown: null,
    shared: "",
    shared_tunnel: false,
    tunnel_pool: false,
    metadata: {},
    messages: { fatal: [], warning: [], info: [] },
    tunnel_host: LOCALHOST,
    tunnel_port: port,
    tunnel_token: "token-of-0.1.0",
    proxy_host: LOCALHOST,
    proxy_port: 8080,
    proxy_username: `${USER.name}+lab`,
    proxy_password: "password-of-0.1.0",
  };
}

/** What it says before a start. */
const UPDATES = {
  fatal: [],
  warning: [],
  info: [],
  configuration: {
    job_wait_timeout: 300,
    kgp_handshake_timeout: 10,
    max_missed_acks: 3,
    client_status_interval: 30,
    client_status_timeout: 10,
    server_status_interval: 10,
    server_status_timeout: 10,
    start_timeout: 45,
    experimental: [],
    regions: [],
  },
};

Deno.test("0.1.0: the client of today starts a tunnel, and serves requests", async () => {
  await using origin = await startOrigin();
  await using server = await startOldServer();
  const starting = startClient({
    server: server.url,
    username: USER.name,
    accessKey: USER.key,
    tunnelName: "lab",
    tunnelConnections: 1,
    caCerts: [server.ca],
    proxyLocalhost: "allow",
    shutdownTimeout: 200,
  });
  starting.catch(() => {});

  const { head, conn } = await server.session();
  const [line, ...fields] = head.trimEnd().split("\r\n");
  assert.equal(
    line,
    "GET /tunnels/0123456789abcdef0123456789abcdef/connect HTTP/1.1",
  );
  const values = Object.fromEntries(
    fields.map((field) => {
      const [name = "", value] = field.split(": ");
      return [name.toLowerCase(), value];
    }),
  );
  assert.partialDeepStrictEqual(values, {
    authorization: "Bearer token-of-0.1.0",
    connection: "Upgrade",
    upgrade: "sallyport",
    "sallyport-version": "1",
  });
  await conn.text(
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Connection: Upgrade\r\nUpgrade: sallyport\r\n\r\n" + PREFACE,
  );
  await conn.send(SETTINGS);
  assert.equal((await conn.next()).type, SETTINGS);

  await conn.headers(1, [
    ...[":method", "GET", ":scheme", "http", ":path", "/"],
    ...[":authority", "probe.sallyport.invalid"],
  ], END_STREAM);
  const probe = await conn.expectHeaders();
  assert.deepEqual(probe.fields.slice(0, 2), [":status", "204"]);
  server.passProbe();
  await using _client = await within(starting, "the client");

  await conn.headers(3, [
    ...[":method", "GET", ":scheme", "http", ":path", "/bytes/5"],
    ...[":authority", origin.authority, "x-mixed", "1"],
    ...["sallyport-names", "X-Mixed"],
  ], END_STREAM);
  const answer = await conn.expectHeaders();
  const content = await conn.expect(DATA);

  assert.deepEqual([answer.stream, ...answer.fields.slice(0, 2)], [
    3,
    ":status",
    "200",
  ]);
  assert.equal(content.payload.length, 5);
  assert.match(origin.heads.at(-1) ?? "", /\r\nX-Mixed: 1\r\n/);
  const [create] = server.bodies;
  assert.deepEqual(Object.keys(create ?? {}).toSorted(), [
    ...["metadata", "protocol", "tunnel_identifier", "tunnel_pool"],
  ]);
});
