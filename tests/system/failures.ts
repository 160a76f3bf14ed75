/**
 * How each failure that a proxy can report is brought about for real: what
 * stands on the way, and what the browser asks.
 *
 * @module
 */
import { parseTimeFrame } from "../../src/async/time_frame.ts";
import { databasePath } from "../../src/config/data_dir.ts";
import type { Address } from "../../src/net/address/address.ts";
import {
  parseUpstreamProxy,
  type UpstreamProtocol,
  type UpstreamProxy,
} from "../../src/net/address/upstream_proxy.ts";
import type { ProxyErrorCode } from "../../src/proxy/errors/errors.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { recordLog } from "../testing/event_log.ts";
import { freePort } from "../testing/free_port.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { RawClient } from "../testing/raw_client.ts";
import {
  BrowserConnection,
  get,
  openTls,
  type Page,
  readPage,
} from "../testing/browser.ts";
import { credentialsFor, USER } from "../testing/user.ts";
import { Relay } from "../testing/relay.ts";
import {
  type RunningSystem,
  runningSystem,
  type SystemOptions,
} from "../testing/running_system.ts";
import { startResettingServer, TcpServer } from "../testing/tcp_server.ts";
import { temporaryDirectory } from "./programs.ts";
import { callRest } from "./rest_calls.ts";

/** The user who reads the metrics of a server: not the user that a failure is about. */
export const SCRAPER = { name: "scraper", key: "scraper-key-123456" } as const;

/** A failure that was brought about. */
export interface Provoked {
  readonly system: RunningSystem;
  /** What the browser got; `undefined` when it is gone. */
  readonly page: Page | undefined;
}

/** A row of the table of failures, as a browser and a scraper see it. */
export interface Failure {
  /** Which of the two proxies reports it. */
  readonly speaker: "client" | "server";
  readonly status: number;
  /** The word in `X-Sallyport-Error`, and the label of the metric. */
  readonly reason: string;
  /** The first line of the page, without who speaks. */
  readonly says: RegExp;
  /** Brings it about; what is on the stack ends with the test. */
  provoke(stack: AsyncDisposableStack): Promise<Provoked>;
}

/** A failure that no browser can bring about by asking; the test that holds it to the table. */
export interface Elsewhere {
  readonly test: string;
}

/** Every failure, by its name in the table of the proxy. The compiler asks for all. */
export const FAILURES: Readonly<Record<ProxyErrorCode, Failure | Elsewhere>> = {
  nameNotFound: {
    ...told("client", 502, "name_not_found"),
    says:
      /^Cannot find the host "nowhere\.invalid": DNS on the client's machine has no such name$/,
    provoke: asking({}, "http://nowhere.invalid/"),
  },
  nameServerFailed: {
    ...told("client", 502, "dns_failed"),
    says: /^Cannot find the host "shop\.internal": no DNS server .* responded$/,
    provoke: asking({
      names: { dnsServers: [closedAddress()], dnsTimeout: 500 },
    }, "http://shop.internal/"),
  },
  connectionRefused: {
    ...told("client", 502, "net_dial"),
    says: /^Cannot connect to "origin\.test:\d+": nothing listens there$/,
    provoke: asking({}, `http://origin.test:${closedAddress().port}/`),
  },
  unreachable: {
    ...told("client", 502, "net_dial"),
    says: /^Cannot connect to "127\.255\.255\.255": .* has no route to it$/,
    // Linux has no way by TCP to a broadcast address.
    provoke: asking({}, "http://127.255.255.255/"),
  },
  connectTimeout: {
    ...told("client", 504, "net_dial_timeout"),
    says: /^Cannot connect to "origin\.test:\d+": it did not respond in time$/,
    async provoke(stack) {
      const silent = stack.use(
        new TcpServer(async (conn) => {
          while (await conn.read(new Uint8Array(1024)) !== null);
        }),
      );
      const dial = { attempts: 1, tlsHandshakeTimeout: 100 };
      const url = `https://origin.test:${silent.port}/`;
      return await asking({ dial }, url)(stack);
    },
  },
  certificate: {
    ...told("client", 502, "tls_certificate"),
    says: /^Cannot trust the certificate of "localhost:\d+": .*--cacert-file/,
    async provoke(stack) {
      const site = stack.use(await startOrigin("https"));
      return await asking({}, `https://localhost:${site.port}/`)(stack);
    },
  },
  notTls: {
    ...told("client", 502, "tls_record_header"),
    says:
      /^Cannot agree on TLS with "origin\.test:\d+": that port does not speak TLS/,
    provoke: answeredWith("HTTP/1.1 400 Bad Request\r\n\r\n", "https"),
  },
  tlsFailed: {
    ...told("client", 502, "tls_alert"),
    says:
      /^Cannot agree on TLS with "origin\.test:\d+" \(received fatal alert: HandshakeFailure\): look into its log$/,
    // The alert handshake_failure (RFC 8446 §6).
    provoke: answeredWith("\x15\x03\x03\x00\x02\x02\x28", "https"),
  },
  connectFailed: {
    ...told("client", 502, "net_dial"),
    says:
      /^Cannot connect to "origin\.test:\d+": it closed the connection at once$/,
    async provoke(stack) {
      const site = stack.use(await startResettingServer(""));
      return await asking({}, `https://origin.test:${site.port}/`)(stack);
    },
  },
  localhostDenied: {
    ...told("client", 403, "denied_localhost"),
    says: /^Proxying is denied to host "localhost": .*--proxy-localhost allow/,
    provoke: asking({ proxyLocalhost: "deny" }, "http://localhost:3000/"),
  },
  addressDenied: {
    ...told("client", 403, "denied_address"),
    says:
      /^Proxying is denied to host "169\.254\.169\.254": it is a link-local or cloud metadata address/,
    provoke: asking({}, "http://169.254.169.254/latest/meta-data/"),
  },
  domainDenied: {
    ...told("server", 403, "denied_domain"),
    says: /^Proxying is denied to host "ads\.test": .*--deny-domains/,
    provoke: asking({ denyDomains: ["^ads"] }, "http://ads.test/"),
  },
  directDenied: {
    ...told("server", 403, "denied_direct"),
    says:
      /^Proxying is denied to host "127\.0\.0\.1": .*server options --direct/,
    provoke: asking({ directDomains: ["all"] }, "http://127.0.0.1/"),
  },
  outsideTimeFrame: {
    ...told("client", 451, "denied_time"),
    says: /^Proxying is denied to host "origin\.test" for administrative /,
    provoke: asking({
      timeWindow: {
        frames: [parseTimeFrame("mon/11-13")],
        // The 2nd of June 2025 was a Monday.
        now: () => new Date(2025, 5, 2, 14).getTime(),
      },
    }, "http://origin.test/"),
  },
  viaLoop: {
    ...told("server", 400, "loop"),
    says: /^Cannot send this request to "origin\.test:\d+": .*would loop$/,
    async provoke(stack) {
      const site = stack.use(await startOrigin());
      const system = await start(stack);
      using browser = await BrowserConnection.open(system.proxy, { site });
      const seen = await browser.exchange("GET", "/headers");
      const [, via = ""] = /"via","([^"]+)"/i.exec(await seen.text()) ?? [];
      await browser.ask("GET", "/", { fields: [["Via", via]] });
      return { system, page: await readPage(browser.raw) };
    },
  },
  pluginRefused: {
    ...told("client", 403, "denied_plugin"),
    says: /^Proxying is denied to host "origin\.test": a plugin refuses/,
    provoke: withPlugin(`connect() { return { refuse: "not here" }; }`),
  },
  pluginFailed: {
    ...told("client", 502, "plugin"),
    says: /^Cannot forward the request to "origin\.test": a plugin .*failed$/,
    provoke: withPlugin(`request() { throw new Error("odd"); }`),
  },
  pluginNoRoom: {
    ...told("client", 503, "plugin_no_room"),
    says:
      /^Cannot forward the request to "origin\.test": plugins of the client keep too much content in memory$/,
    provoke: withoutRoomForContent,
  },
  pacFailed: {
    ...told("client", 502, "pac"),
    says:
      /^Cannot choose a proxy to "shop\.test": the script of --pac failed, /,
    provoke: asking({
      pacText: `function FindProxyForURL(url, host) {
        if (host === "shop.test") throw new Error("odd");
        return "DIRECT";
      }`,
    }, "http://shop.test/"),
  },
  responseTimeout: {
    ...told("client", 504, "response_timeout"),
    says: /^Cannot get a response from "origin\.test:\d+": .*in time$/,
    async provoke(stack) {
      const site = stack.use(await startOrigin());
      const dial = { responseHeaderTimeout: 100 };
      const url = `http://origin.test:${site.port}/hold/x`;
      return await asking({ dial }, url)(stack);
    },
  },
  originClosed: {
    ...told("client", 502, "net_read"),
    says: /^Cannot get a response from "origin\.test:\d+": it closed /,
    async provoke(stack) {
      const site = stack.use(await startResettingServer(""));
      return await asking({}, `http://origin.test:${site.port}/`)(stack);
    },
  },
  badResponse: {
    ...told("client", 502, "bad_response"),
    says:
      /^Cannot read the response of "origin\.test:\d+", it is not valid HTTP: it begins with "220", not with an HTTP version$/,
    provoke: answeredWith("220 mail.test ESMTP\r\n\r\n", "http"),
  },
  responseTooLarge: {
    ...told("client", 502, "bad_response"),
    says:
      /^Cannot read the response of "origin\.test:\d+": its header section is over 262144 bytes, raise --http-max-header-size or /,
    provoke: answeredWith(
      `HTTP/1.1 200 OK\r\n${`A: ${"b".repeat(1020)}\r\n`.repeat(260)}\r\n`,
      "http",
    ),
  },
  badRequest: {
    ...told("server", 400, "bad_request"),
    says:
      /^Cannot send this request to "\[1:2\]", it is not valid HTTP: Cannot read "\[1:2\]": only IPv6 stands in brackets$/,
    provoke: asking({}, "http://[1:2]/"),
  },
  badJob: {
    ...told("server", 400, "bad_job"),
    says: /^Cannot read the job "nightly build" in the field X-Sallyport-Job: /,
    async provoke(stack) {
      const site = stack.use(await startOrigin());
      const system = await start(stack);
      using browser = await BrowserConnection.open(system.proxy, { site });
      const fields = [["X-Sallyport-Job", "nightly build"]] as const;
      await browser.ask("GET", "/", { fields });
      return { system, page: await readPage(browser.raw) };
    },
  },
  misdirected: {
    ...told("server", 421, "misdirected"),
    says: /^This connection is for another host than "other\.test", /,
    provoke: askAnotherHostInside,
  },
  upgradeDeclined: { test: "tests/http_server/serve_http2_test.ts" },
  credentialsMissing: {
    ...told("server", 407, "proxy_authentication"),
    says: /^Proxy authentication required: /,
    provoke: loggingIn(undefined),
  },
  credentialsWrong: {
    ...told("server", 407, "proxy_authentication"),
    says: /^Proxy credentials of "demo\+lab" are wrong: /,
    provoke: loggingIn("demo+lab:wrong"),
  },
  throttled: {
    ...told("server", 429, "proxy_authentication"),
    says: /^Too many failed logins of "demo\+lab": wait a minute, /,
    async provoke(stack) {
      const system = await start(stack);
      let page: Page | undefined;
      while (page?.status !== 429) {
        page = (await loggingIn("demo+lab:wrong", system)(stack)).page;
      }
      return { system, page };
    },
  },
  loginsBusy: { test: "tests/server/proxy/authorize_test.ts" },
  tooManyLogins: { test: "tests/server/proxy/connection_logins_test.ts" },
  scopeDenied: {
    ...told("server", 403, "denied_scope"),
    says: /^Proxying is denied to "demo\+lab": .* use a key of scope "use" /,
    async provoke(stack) {
      const { path: dataDir } = stack.use(await temporaryDirectory());
      const system = await start(stack, { server: { dataDir } });
      using accounts = openAccounts(databasePath(dataDir));
      const key = await accounts.addKey(USER.name, {
        name: "ci",
        scope: "start",
      });
      return await loggingIn(`demo+lab:${key}`, system)(stack);
    },
  },
  originForm: {
    ...told("server", 400, "origin_form"),
    says:
      /^This port is a proxy, but received an origin-form request for "origin\.test": /,
    async provoke(stack) {
      const port = freePort();
      const system = await start(stack, {
        client: { dedicatedPort: true },
        server: { proxyPortRange: { first: port, last: port } },
      });
      using raw = await RawClient.connect({ port });
      await raw.send("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
      return { system, page: await readPage(raw) };
    },
  },
  clientAddressDenied: {
    ...told("server", 403, "denied_client"),
    says: /^Proxying is denied to 127\.0\.0\.1: .*--proxy-port-allow/,
    async provoke(stack) {
      const port = freePort();
      const system = await start(stack, {
        client: { dedicatedPort: true },
        server: {
          proxyPortRange: { first: port, last: port },
          proxyPortAllow: ["192.0.2.0/24"],
        },
      });
      return { system, page: await get("http://origin.test/", { port }) };
    },
  },
  noSuchTunnel: {
    ...told("server", 503, "no_such_tunnel"),
    says: /^Tunnel "other" is not running: .*--tunnel-name other"$/,
    async provoke(stack) {
      const system = await start(stack);
      return await loggingIn(credentialsFor("other"), system)(stack);
    },
  },
  noSession: {
    ...told("server", 503, "no_session"),
    says: /^The tunnel "idle" is starting or reconnecting: /,
    async provoke(stack) {
      const system = await start(stack);
      const { url, ca } = system.server;
      await callRest({ url: url.slice(0, -1), caFile: ca?.file ?? "" }, {
        method: "POST",
        path: "",
        body: { tunnel_identifier: "idle", protocol: "h2c" },
      });
      return await loggingIn(credentialsFor("idle"), system)(stack);
    },
  },
  tunnelFull: {
    ...told("server", 503, "tunnel_limit"),
    says: /^The tunnel "lab" has reached the limit .*--tunnel-max-exchanges/,
    async provoke(stack) {
      const site = stack.use(await startOrigin());
      const system = await start(stack, { server: { tunnelMaxExchanges: 1 } });
      const held = stack.use(
        await BrowserConnection.open(system.proxy, { site }),
      );
      await held.exchange("GET", "/hold-body/x");
      using browser = await BrowserConnection.open(system.proxy, { site });
      await browser.ask("GET", "/");
      return { system, page: await readPage(browser.raw) };
    },
  },
  sessionLost: {
    ...told("server", 502, "session_lost"),
    says: /^The connection to the client of tunnel "lab" was lost before /,
    async provoke(stack) {
      const site = stack.use(await startOrigin());
      const system = await start(stack, {
        client: { tunnelConnections: 1, shutdownTimeout: 1 },
      });
      using browser = await BrowserConnection.open(system.proxy, { site });
      await browser.ask("GET", "/hold/x");
      await within(site.held("x"), "the request to arrive");
      await system.client[Symbol.asyncDispose]();
      return { system, page: await readPage(browser.raw) };
    },
  },
  requestTimeout: { test: "tests/server/proxy/limit_uploads_test.ts" },
  refusedByClient: { test: "tests/server/proxy/dispatch_test.ts" },
  upstreamName: {
    ...told("client", 502, "upstream_dns"),
    says:
      /^Cannot reach "shop\.test": DNS on the client's machine does not know the host of the upstream proxy "http:\/\/nowhere\.invalid:3128": check --proxy$/,
    provoke: asking({
      upstreamProxy: parseUpstreamProxy("nowhere.invalid:3128"),
    }, "http://shop.test/"),
  },
  upstreamDial: {
    ...told("client", 502, "upstream_dial"),
    says:
      /^Cannot reach "shop\.test": nothing listens at the upstream proxy "http:\/\/127\.0\.0\.1:\d+": start it, or check --proxy$/,
    provoke: asking({
      upstreamProxy: { ...plainProxy(closedAddress().port) },
    }, "http://shop.test/"),
  },
  upstreamTimeout: {
    ...told("client", 504, "upstream_timeout"),
    says:
      /^Cannot reach "shop\.test": the upstream proxy "https:.*" did not respond in time: /,
    async provoke(stack) {
      const silent = stack.use(silentServer());
      const upstreamProxy = plainProxy(silent.port, "https");
      const dial = { attempts: 1, tlsHandshakeTimeout: 100 };
      return await asking({ dial, upstreamProxy }, "http://shop.test/")(stack);
    },
  },
  upstreamTls: {
    ...told("client", 502, "upstream_tls"),
    says:
      /^Cannot reach "shop\.test": the upstream proxy "https:.*" does not speak TLS: write http:\/\/ in --proxy$/,
    provoke: throughOne("https", "HTTP/1.1 400 Bad Request\r\n\r\n"),
  },
  upstreamProtocol: {
    ...told("client", 502, "upstream_protocol"),
    says:
      /^Cannot reach "shop\.test": the upstream proxy "http:.*" speaks TLS: write https:\/\/ in --proxy$/,
    // What a server of TLS says to anything else: the alert unexpected_message.
    provoke: throughOne("http", "\x15\x03\x03\x00\x02\x02\x0a"),
  },
  upstreamCredentials: {
    ...told("client", 502, "upstream_authentication"),
    says:
      /^Cannot reach "shop\.test": the upstream proxy "http:.*" wants a user name and password: give the right ones in --proxy or with --auth$/,
    provoke: throughOne(
      "http",
      "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
    ),
  },
  aborted: {
    ...told("client", 500, "request_ctx_canceled"),
    says: /^$/,
    async provoke(stack) {
      const ended = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      const site = stack.use(startSite(async ({ scanner }) => {
        asked.resolve();
        await scanner.readThrough("\r\n\r\n").finally(ended.resolve);
      }));
      const system = await start(stack);
      const relay = stack.use(await Relay.start(system.proxyAddress.port));
      const proxy = { ...system.proxy, port: relay.port };
      using browser = await BrowserConnection.open(proxy, { site });
      await browser.ask("GET", "/");
      await within(asked.promise, "the request to arrive");
      // A closed socket could be one that has said all; a broken one is gone.
      relay.cut();
      await within(ended.promise, "the site to see the end");
      return { system, page: undefined };
    },
  },
  unexpected: { test: "tests/proxy/errors/to_proxy_error_test.ts" },
};

/** What a browser and a scraper get. */
function told(
  speaker: Failure["speaker"],
  status: number,
  reason: string,
): Pick<Failure, "speaker" | "status" | "reason"> {
  return { speaker, status, reason };
}

type ClientWishes = NonNullable<SystemOptions["client"]>;

/** Starts a system whose client tells its metrics. */
async function start(
  stack: AsyncDisposableStack,
  { client = {}, server = {}, ...options }: SystemOptions = {},
): Promise<RunningSystem> {
  return stack.use(
    await runningSystem({
      ...options,
      server: { users: [SCRAPER], ...server },
      client: {
        apiAddress: { hostname: "127.0.0.1", port: 0 },
        dial: { attempts: 1 },
        ...client,
      },
    }),
  );
}

/** Asks for a page. */
function asking(client: ClientWishes, url: string): Failure["provoke"] {
  return async function provoke(stack) {
    const system = await start(stack, { client });
    return { system, page: await get(url, system.proxy) };
  };
}

/** Requests a page of a site that sends `words` and closes, whatever the request. */
function answeredWith(
  words: string,
  scheme: "http" | "https",
): Failure["provoke"] {
  return async function provoke(stack) {
    const site = stack.use(
      new TcpServer(async (conn) => {
        await conn.read(new Uint8Array(1024));
        await conn.write(bytesOf(words));
      }),
    );
    const url = `${scheme}://origin.test:${site.port}/`;
    return await asking({}, url)(stack);
  };
}

/** A proxy of this machine. */
function plainProxy(
  port: number,
  protocol: UpstreamProtocol = "http",
): UpstreamProxy {
  return parseUpstreamProxy(`${protocol}://127.0.0.1:${port}`);
}

/** Takes what comes, and says nothing. */
function silentServer(): TcpServer {
  return new TcpServer(async (conn) => {
    while (await conn.read(new Uint8Array(1024)) !== null);
  });
}

/** Asks through a proxy that answers with `words`, whatever it is asked, and closes. */
function throughOne(
  protocol: UpstreamProtocol,
  words: string,
): Failure["provoke"] {
  return async function provoke(stack) {
    const proxy = stack.use(
      new TcpServer(async (conn) => {
        await conn.read(new Uint8Array(1024));
        await conn.write(bytesOf(words));
      }),
    );
    const upstreamProxy = plainProxy(proxy.port, protocol);
    return await asking({ upstreamProxy }, "http://shop.test/")(stack);
  };
}

/** Asks for a page with these credentials, or none. */
function loggingIn(
  credentials: string | undefined,
  running?: RunningSystem,
): Failure["provoke"] {
  return async function provoke(stack) {
    const system = running ?? await start(stack);
    const { port } = system.proxyAddress;
    const page = await get("http://origin.test/", { port, credentials });
    return { system, page };
  };
}

/** Asks a client with a plugin that has these hooks. */
function withPlugin(hooks: string): Failure["provoke"] {
  return async function provoke(stack) {
    const files = stack.use(
      await tempPlugins({ "bad.js": `export default { ${hooks} };` }),
    );
    const plugins = { directories: [files.directory], watch: false };
    return await asking({ plugins }, "http://origin.test/")(stack);
  };
}

/** Asks for a page with content that a plugin reads, while a hook of another request keeps all the room. */
async function withoutRoomForContent(
  stack: AsyncDisposableStack,
): Promise<Provoked> {
  const files = stack.use(
    await tempPlugins({
      "keep.js": `export default { async request(request, { log }) {
        await request.text();
        if (request.url.pathname !== "/kept") return;
        log.info("keeps it");
        await new Promise(() => {});
      } };`,
    }),
  );
  const log = stack.use(await recordLog());
  const plugins = {
    ...{ directories: [files.directory], watch: false },
    readLimits: { total: 10, wait: 100 },
  };
  const system = await start(stack, { client: { plugins } });
  const post = async (path: string) => {
    const browser = stack.use(
      await BrowserConnection.to(system.proxy, {
        base: "http://origin.test",
        authority: "origin.test",
      }),
    );
    await browser.ask("POST", path, { content: bytesOf("12345678") });
    return browser.raw;
  };
  await post("/kept");
  await log.seen("keeps it");
  return { system, page: await readPage(await post("/")) };
}

/** Asks for another host inside TLS that was opened for one. */
async function askAnotherHostInside(
  stack: AsyncDisposableStack,
): Promise<Provoked> {
  const hostname = "shop.test";
  const system = await start(stack, { client: { tlsResignDomains: ["all"] } });
  using tls = await openTls(system.proxy, {
    site: { port: 443 },
    hostname,
    ca: system.server.browserCa,
  });
  await tls.send("GET / HTTP/1.1\r\nHost: other.test\r\n\r\n");
  return { system, page: await readPage(tls) };
}

/** An address of this machine where nobody listens. */
function closedAddress(): Address {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { hostname: "127.0.0.1", port: listener.addr.port };
}
