/**
 * A server behind nginx, HAProxy and Envoy, with the files of `.github/deploy/`:
 * everything passes, and each client counts for itself.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TransportChoice } from "../../src/tunnel/upgrade.ts";
import type { Server } from "../../src/server/server.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import {
  type Balancer,
  type BalancerName,
  startBalancer,
} from "../testing/balancer.ts";
import { get } from "../testing/browser.ts";
import { startChromium, type TestBrowser } from "../testing/chromium.ts";
import { type RecordedLog, recordLog } from "../testing/event_log.ts";
import { needs } from "../testing/needs.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { openPage, signIn, summary } from "../testing/pages.ts";
import { run } from "../testing/process.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { CREDENTIALS, TUNNEL, USER } from "../testing/user.ts";

/** Wrong logins of one address and user until both must wait. */
const MAX_FAILURES = 3;

/** Balancers that end TLS. */
const ENDING_TLS = ["nginx", "haproxy", "envoy"] as const;

/** A server behind a balancer, and a site behind the client. */
interface Behind extends AsyncDisposable {
  readonly name: BalancerName;
  readonly server: Server;
  readonly balancer: Balancer;
  readonly origin: Origin;
  /** What clients trust. */
  readonly ca: string;
}

async function start(name: BalancerName): Promise<Behind> {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOrigin());
  const isPassing = name === "haproxy-tcp";
  const options: Partial<ServerOptions> = {
    trustedProxies: ["127.0.0.1"],
    proxyProtocol: isPassing ? "require" : "accept",
    plainHttp: !isPassing,
    tunnelAddress: undefined,
    loginMaxFailures: MAX_FAILURES,
  };
  const server = stack.use(await startTestServer(options));
  const balancer = stack.use(
    await startBalancer(name, {
      site: Number(new URL(server.url).port),
      proxy: server.proxyAddress.port,
    }),
  );
  const parts = stack.move();
  return {
    ...{ name, server, balancer, origin },
    ca: server.ca?.pem ?? balancer.ca,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** A page of the site, through a tunnel that uses `transport`. */
async function checkTunnel(
  { server, balancer, origin, ca }: Behind,
  transport: TransportChoice,
  log: RecordedLog,
): Promise<void> {
  const client = await startTestClient(server, {
    server: balancer.url,
    caCerts: [ca],
    tunnelTransport: transport,
  });
  try {
    const { status } = await get(`${origin.url}/bytes/100`, {
      port: balancer.proxyPort,
      credentials: CREDENTIALS,
    });
    assert.equal(status, 200);
  } finally {
    await client[Symbol.asyncDispose]();
  }
  assert.ok(
    log.matching("transport of the tunnel", {
      transport: transport === "auto" ? "direct" : transport,
    }).length > 0,
  );
}

/** The status that curl gets, which sends from `address`. */
async function statusFrom(
  address: string,
  url: string,
  args: readonly string[] = [],
): Promise<string> {
  const { stdout, stderr } = await run("curl", [
    ...["-sS", "-o", "/dev/null", "-w", "%{http_code}"],
    ...["--interface", address, "--max-time", "20", ...args, url],
  ]);
  assert.match(stdout, /^\d{3}$/, stderr);
  return stdout;
}

/** Wrong logins at the proxy for browsers close the REST API to that address alone. */
async function checkThrottling(
  { balancer, name, server, origin }: Behind,
): Promise<void> {
  const trust = name === "haproxy-tcp" ? server.ca?.file : balancer.caFile;
  const tunnels = `${balancer.url}/rest/v1/${USER.name}/tunnels`;
  const login = ["--cacert", trust ?? "", "-u", `${USER.name}:${USER.key}`];
  const wrong = `${USER.name}+${TUNNEL}:wrong`;
  const proxy = ["-x", `http://127.0.0.1:${balancer.proxyPort}`];
  const proxyUrl = `${origin.url}/bytes/100`;
  for (let count = 0; count < MAX_FAILURES; count++) {
    await statusFrom("127.0.0.2", proxyUrl, [...proxy, "-U", wrong]);
  }

  const forged = (client: string) => [
    ...["-H", `X-Forwarded-For: ${client}`, "-H", `Forwarded: for=${client}`],
    ...["-H", `X-Real-IP: ${client}`, "-H", "X-Forwarded-Host: evil.example"],
  ];
  assert.equal(await statusFrom("127.0.0.2", tunnels, login), "429");
  assert.equal(
    await statusFrom("127.0.0.2", tunnels, [...login, ...forged("127.0.0.9")]),
    "429",
  );
  assert.equal(await statusFrom("127.0.0.3", tunnels, login), "200");
  assert.equal(
    await statusFrom("127.0.0.3", tunnels, [...login, ...forged("127.0.0.2")]),
    "200",
  );
}

/** How a session names its client. */
const REMOTES: Readonly<Record<BalancerName, RegExp>> = {
  nginx: /^127\.0\.0\.1$/,
  haproxy: /^127\.0\.0\.1$/,
  "haproxy-tcp": /^127\.0\.0\.1:\d+$/,
  // For its own machine Envoy says an address that others know.
  envoy: /^[\da-f.:]+$/,
};

/** Other systems have no further addresses of their own to send from. */
const isLinux = Deno.build.os === "linux";

for (const name of [...ENDING_TLS, "haproxy-tcp"] as const) {
  const program = name === "haproxy-tcp" ? "haproxy" : name;
  const { ignore } = needs(program, "curl");
  Deno.test({
    ignore: ignore || !isLinux,
    name:
      `behind ${name}: REST API, tunnels and the proxy pass, and each client counts for itself`,
    async fn() {
      await using log = await recordLog();
      await using behind = await start(name);

      await checkTunnel(behind, "auto", log);
      await checkTunnel(behind, "websocket", log);
      await checkThrottling(behind);

      const remote = REMOTES[name];
      const opened = log.matching("session opened");
      assert.ok(opened.length >= 2);
      for (const { fields } of opened) {
        assert.match(String(fields["remote"]), remote);
      }
    },
  });
}

Deno.test({
  ...needs("chromium", ...ENDING_TLS),
  name: "behind each of them the page signs in, and shows events as they come",
  async fn() {
    await using chromium = await startChromium();
    await Promise.all(ENDING_TLS.map((name) => checkPage(name, chromium)));
  },
});

/** Opens the page through a balancer, signs in, and waits for news. */
async function checkPage(
  name: BalancerName,
  chromium: TestBrowser,
): Promise<void> {
  await using behind = await start(name);
  const { balancer, server, ca } = behind;
  const page = await openPage(chromium, balancer.url);
  const isLive = page.waitForResponse(/\/events/);
  await signIn(page);
  await isLive;

  await using _client = await startTestClient(server, {
    server: balancer.url,
    caCerts: [ca],
  });

  await summary(page, "1 active tunnel, 1 ready for tests").waitFor();
  const [cookie] = await page.context().cookies();
  assert.equal(cookie?.secure, true);
  assert.equal(new URL(page.url()).origin, balancer.url);
  const text = await page.content();
  assert.ok(text.includes(`--server ${balancer.url}`), `${name}: ${text}`);
}
