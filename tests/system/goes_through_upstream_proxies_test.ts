/**
 * Promise: with `--proxy` the client reaches sites through that proxy, whatever
 * it speaks.
 */
import assert from "node:assert/strict";
import {
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../../src/net/address/upstream_proxy.ts";
import { parseHeaderRule } from "../../src/http/header_rules.ts";
import { pipe } from "../../src/net/stream/pipe.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import {
  BrowserConnection,
  connectTo,
  get,
  type Page,
} from "../testing/browser.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";
import { run } from "../testing/process.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { startSocks, startSquid } from "../testing/upstream.ts";
import { startClientProgram, startServerProgram } from "./programs.ts";

const LOGIN = { username: "jane", password: "s3:cr@t" } as const;
const USERINFO = "jane:s3%3Acr%40t@";

function proxyAt(protocol: string, port: number, userinfo = ""): UpstreamProxy {
  return parseUpstreamProxy(`${protocol}://${userinfo}127.0.0.1:${port}`);
}

function browserOf(system: RunningSystem) {
  return system.proxy;
}

/** Asks with curl, for whatever a browser does with TLS. */
async function curl(
  system: RunningSystem,
  url: string,
  ca: string | undefined,
): Promise<string> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, ca ?? "");
    const { stdout, stderr, code } = await run("curl", [
      ...["--silent", "--show-error", "--cacert", file],
      ...["--proxy", system.proxyUrlWithCredentials, url],
    ]);
    assert.equal(code, 0, stderr);
    return stdout;
  } finally {
    await Deno.remove(file);
  }
}

for (const protocol of ["http", "https"] as const) {
  Deno.test({
    ...needs("squid", "curl"),
    name:
      `plain requests, CONNECT and opened TLS go through an ${protocol} proxy with credentials`,
    async fn() {
      const authority = await createTestAuthority();
      await using squid = await startSquid({
        user: LOGIN.username,
        ...protocol === "https" &&
          { tls: await authority.issue(["127.0.0.1"]) },
      });
      await using plain = await startOrigin();
      await using secure = await startOrigin("https");
      const ca = secure.ca ?? "";
      const system = await runningSystem({
        client: {
          upstreamProxy: proxyAt(protocol, squid.port, USERINFO),
          tlsResignDomains: ["^127\\."],
        },
        trusted: [authority.ca, ca],
      });
      // Squid tells of a CONNECT when it is over.
      await using stack = new AsyncDisposableStack();
      stack.use(system);

      const page = await get(`${plain.url}/status/200`, browserOf(system));
      const passed = await curl(system, `${secure.url}/hello`, ca);
      const opened = await curl(
        system,
        `https://127.0.0.1:${secure.port}/hello`,
        system.server.browserCa,
      );

      assert.equal(page.status, 200);
      assert.equal(passed, opened);
      await stack.disposeAsync();
      await squid.told(new RegExp(`GET ${plain.url}/status/200 jane `));
      await squid.told(new RegExp(`CONNECT localhost:${secure.port} jane `));
      await squid.told(new RegExp(`CONNECT 127.0.0.1:${secure.port} jane `));
    },
  });
}

Deno.test({
  ...needs("microsocks", "curl"),
  name: "everything goes through a SOCKS 5 proxy with credentials",
  async fn() {
    await using socks = await startSocks(LOGIN);
    await using plain = await startOrigin();
    await using secure = await startOrigin("https");
    await using system = await runningSystem({
      client: { upstreamProxy: proxyAt("socks5", socks.port, USERINFO) },
      trusted: [secure.ca ?? ""],
    });

    const page = await get(`${plain.url}/status/200`, browserOf(system));
    await curl(system, `${secure.url}/hello`, secure.ca);

    assert.equal(page.status, 200);
    await socks.told(new RegExp(`connected to 127.0.0.1:${plain.port}`));
    await socks.told(new RegExp(`connected to localhost:${secure.port}`));
  },
});

Deno.test({
  ...needs("squid"),
  name:
    "--auth lets the client into the proxy where its URL has no credentials; a browser never has to send them",
  async fn() {
    await using squid = await startSquid({ user: LOGIN.username });
    await using origin = await startOrigin();
    const url = `${origin.url}/status/200`;
    const ask = async (hostname: string): Promise<readonly Page[]> => {
      await using system = await runningSystem({
        client: {
          upstreamProxy: proxyAt("http", squid.port),
          credentials: [{ ...LOGIN, hostname, port: squid.port }],
        },
      });
      const browser = browserOf(system);
      return [
        await get(url, browser),
        await connectTo(`127.0.0.1:${origin.port}`, browser),
      ];
    };

    const known = await ask("127.0.0.1");
    const unknown = await ask("other.test");

    assert.deepEqual(known.map(({ status }) => status), [200, 200]);
    for (const { status, error, get } of unknown) {
      assert.equal(status, 502);
      assert.match(error ?? "", /^upstream_authentication /);
      assert.equal(get("proxy-authenticate"), undefined);
    }
  },
});

Deno.test({
  ...needs("squid"),
  name:
    "localhost: deny refuses it, allow goes through the proxy, direct goes past it",
  async fn() {
    await using squid = await startSquid();
    await using origin = await startOrigin();
    const statuses: number[] = [];
    for (const proxyLocalhost of ["deny", "direct", "allow"] as const) {
      await using system = await runningSystem({
        client: { upstreamProxy: proxyAt("http", squid.port), proxyLocalhost },
      });
      const page = await get(
        `${origin.url}/status/200?${proxyLocalhost}`,
        browserOf(system),
      );
      statuses.push(page.status);
    }

    assert.deepEqual(statuses, [403, 200, 200]);
    await squid.told(/\?allow/);
    assert.doesNotMatch(await squid.requests(), /\?direct|\?deny/);
  },
});

Deno.test({
  ...needs("squid"),
  name: "the client's own machine and metadata are denied in every spelling",
  async fn() {
    await using squid = await startSquid();
    await using origin = await startOrigin();
    await using system = await runningSystem({
      client: {
        upstreamProxy: proxyAt("http", squid.port),
        proxyLocalhost: "deny",
      },
    });
    for (
      const host of [
        ...["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1."],
        ...["2852039166", "0xa9fea9fe"],
      ]
    ) {
      const place = `${host}:${origin.port}`;
      const page = await get(`http://${place}/status/200`, browserOf(system));
      const tunnel = await connectTo(place, browserOf(system));

      assert.deepEqual([page.status, tunnel.status], [403, 403], host);
    }
  },
});

Deno.test("what the proxy says when it refuses reaches the browser, status and words", async () => {
  await using proxy = new TcpServer(async (conn) => {
    await conn.read(new Uint8Array(4096));
    const body = "I am a teapot, not a proxy";
    await conn.write(
      new TextEncoder().encode(
        `HTTP/1.1 418 Teapot\r\nX-Pot: yes\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ),
    );
    conn.close();
  });
  await using system = await runningSystem({
    client: { upstreamProxy: proxyAt("http", proxy.port) },
  });

  const page = await connectTo("shop.test:443", browserOf(system));

  assert.equal(page.status, 418);
  assert.equal(page.text, "I am a teapot, not a proxy");
  assert.equal(page.get("x-pot"), "yes");
});

Deno.test("--connect-header changes the request to the proxy, and not the one to the site", async () => {
  const heads: string[] = [];
  await using site = await startOrigin();
  await using proxy = new TcpServer(async (conn) => {
    const head = new Uint8Array(4096);
    const length = await conn.read(head) ?? 0;
    heads.push(new TextDecoder().decode(head.subarray(0, length)));
    await conn.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
    const far = await Deno.connect({ hostname: "127.0.0.1", port: site.port });
    await pipe(conn, far);
  });
  await using system = await runningSystem({
    client: {
      upstreamProxy: proxyAt("http", proxy.port, "jane:pw@"),
      headers: {
        connect: [
          ...["X-Department: lab, 7", "X-Empty;", "%PROXY-AUTHORIZATION"],
          "X-Department: test",
        ].map(parseHeaderRule),
      },
    },
  });
  const way = "connect";
  using browser = await BrowserConnection.open(system.proxy, { site, way });

  const answer = await browser.exchange("GET", "/headers");
  const text = await answer.text();

  const authority = `origin.test:${site.port}`;
  const tag = /sallyport-[0-9a-f]{20}/;
  assert.deepEqual(heads.map((head) => head.replace(tag, "TAG")), [
    [
      `CONNECT ${authority} HTTP/1.1`,
      `Host: ${authority}`,
      `PROXY-AUTHORIZATION: Basic ${btoa("jane:pw")}`,
      "Via: 1.1 TAG",
      "X-Department: lab, 7",
      "X-Empty: ",
      "X-Department: test",
      ...["", ""],
    ].join("\r\n"),
  ]);
  assert.doesNotMatch(text, /department/i);
});

Deno.test("a proxy that is not there is a failure of the way, and the page names it", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using system = await runningSystem({
    client: {
      upstreamProxy: proxyAt("http", port),
      dial: { attempts: 1 },
    },
  });

  const page = await get("http://shop.test/", browserOf(system));

  assert.equal(page.status, 502);
  assert.match(page.text, new RegExp(`127\\.0\\.0\\.1:${port}`));
});

Deno.test({
  ...needs("squid", "curl"),
  name:
    "--proxy-server carries REST and the connections of the tunnel, and no test traffic",
  async fn() {
    await using squid = await startSquid({ user: LOGIN.username });
    await using origin = await startOrigin();
    await using stack = new AsyncDisposableStack();
    const system = stack.use(
      await runningSystem({
        client: {
          serverProxy: proxyAt("http", squid.port, USERINFO),
          tunnelConnections: 1,
        },
      }),
    );

    const page = await get(`${origin.url}/status/200`, browserOf(system));

    const { port: rest } = new URL(system.server.url);
    const { port: tunnel } = system.server.tunnelAddress;
    await stack.disposeAsync();
    assert.equal(page.status, 200);
    await squid.told(new RegExp(`CONNECT 127.0.0.1:${rest} jane `));
    await squid.told(new RegExp(`CONNECT 127.0.0.1:${tunnel} jane `));
    assert.doesNotMatch(await squid.requests(), /GET|status/);
  },
});

Deno.test({
  ...needs("squid"),
  name:
    "--proxy-server env goes where HTTPS_PROXY says, past it where NO_PROXY says, and only when it is set",
  async fn() {
    await using squid = await startSquid({ user: LOGIN.username });
    await using server = await startServerProgram();
    const HTTPS_PROXY = `http://${USERINFO}127.0.0.1:${squid.port}`;
    const rest = new URL(server.url).port;
    const start = async (
      args: readonly string[],
      env: Readonly<Record<string, string>> = {},
    ): Promise<void> => {
      await using client = await startClientProgram(server, {
        args,
        env: { https_proxy: "", no_proxy: "", HTTPS_PROXY, ...env },
      });
      assert.doesNotMatch(client.process.stdout, /s3/);
    };

    await start([]);
    await start(["--proxy-server=env"], { NO_PROXY: "lab.test,127.0.0.0/8" });
    await start(["--proxy-server=env"], {
      NO_PROXY: `127.0.0.1:${server.tunnelPort}`,
    });
    await squid.told(new RegExp(`CONNECT 127.0.0.1:${rest} jane `));
    const halfway = await squid.requests();
    await start(["--proxy-server=env"], { NO_PROXY: "lab.test" });

    assert.doesNotMatch(halfway, new RegExp(`:${server.tunnelPort} `));
    await squid.told(new RegExp(`CONNECT 127.0.0.1:${server.tunnelPort} jane`));
  },
});

Deno.test({
  ...needs("squid"),
  name:
    "a proxy that does not let the client to the server stops the start, in one line",
  async fn() {
    await using squid = await startSquid({ user: LOGIN.username });

    await assert.rejects(
      runningSystem({
        client: { serverProxy: proxyAt("http", squid.port) },
      }),
      /the upstream proxy "http:\S+" wants a user name and password: give the right ones in --proxy-server$/,
    );
  },
});
