/**
 * Promise: when an upstream proxy fails, the page, the field and the metric
 * name that proxy and the option to change. The site is not blamed, and neither
 * is the server.
 */
import assert from "node:assert/strict";
import { ClientError } from "../../src/client/errors.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { serverConnect } from "../../src/client/sessions/server_connect.ts";
import {
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../../src/net/address/upstream_proxy.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import {
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { connectTo, get, open } from "../testing/browser.ts";

type Protocol = UpstreamProxy["protocol"];

const HOUR = 3_600_000;
const TLS_ALERT = "\x15\x03\x03\x00\x02\x02\x0a";

/** A proxy that fails, and what people read about it. */
interface Case {
  readonly protocol: Protocol;
  /** Starts it; gives its port. */
  start(stack: AsyncDisposableStack): Promise<number> | number;
  readonly reason: string;
  /** What follows the name of the proxy. */
  readonly says: string;
  /** Before the name of the proxy. Default "the upstream proxy ". */
  readonly before?: string;
  /** A password for it. */
  readonly login?: string;
}

function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Answers with `words` and closes. */
function saying(words: string): Case["start"] {
  return (stack) =>
    stack.use(
      new TcpServer(async (conn) => {
        await conn.read(new Uint8Array(4096));
        await conn.write(bytesOf(words));
      }),
    ).port;
}

/** Speaks TLS with such a certificate. */
function certified(
  names: readonly string[],
  notAfter = new Date(Date.now() + HOUR),
): Case["start"] {
  return async (stack) => {
    const authority = await createTestAuthority();
    const tls = await authority.issue(names, { notAfter });
    return stack.use(
      new TcpServer(async (conn) => {
        while (await conn.read(new Uint8Array(1024)) !== null);
      }, { tls }),
    ).port;
  };
}

function challenging(...schemes: readonly string[]): Case["start"] {
  const fields = schemes.map((each) => `Proxy-Authenticate: ${each}\r\n`);
  return saying(
    `HTTP/1.1 407 Login\r\n${fields.join("")}Content-Length: 0\r\n\r\n`,
  );
}

const CASES: Readonly<Record<string, Case>> = {
  "a closed port": {
    protocol: "http",
    start: closedPort,
    reason: "upstream_dial",
    before: "nothing listens at the upstream proxy ",
    says: ": start it, or check the script of --pac",
  },
  "a closed SOCKS port": {
    protocol: "socks5",
    start: closedPort,
    reason: "upstream_dial",
    before: "nothing listens at the upstream proxy ",
    says: ": start it, or check the script of --pac",
  },
  "one that closes at once": {
    protocol: "http",
    start: saying(""),
    reason: "upstream_dial",
    says:
      " closed the connection before it responded: check its log, and the script of --pac",
  },
  "a SOCKS proxy that closes at once": {
    protocol: "socks5",
    start: saying(""),
    reason: "upstream_dial",
    says:
      " closed the connection before it responded: check its log, and the script of --pac",
  },
  "a certificate of an unknown authority": {
    protocol: "https",
    start: certified(["127.0.0.1"]),
    reason: "upstream_tls",
    before: "the certificate of the upstream proxy ",
    says:
      ' is not trusted because its authority "Sallyport test authority" is neither built in nor in "server-ca.pem": give its certificate with --cacert-file',
  },
  "a certificate for another name": {
    protocol: "https",
    start: certified(["proxy.test"]),
    reason: "upstream_tls",
    before: "the certificate of the upstream proxy ",
    says:
      ' is not trusted because it is for "proxy.test", not for "127.0.0.1": give one of these names for the proxy, or issue it for this one',
  },
  "TLS to a plain port": {
    protocol: "https",
    start: saying("HTTP/1.1 400 Bad Request\r\n\r\n"),
    reason: "upstream_tls",
    says: ' does not speak TLS: let the script of --pac return "PROXY" for it',
  },
  "TLS that is closed in the middle": {
    protocol: "https",
    start: saying(""),
    reason: "upstream_tls",
    says:
      " and the client cannot agree on TLS (closed during the TLS handshake): check how that proxy is configured, and the script of --pac",
  },
  "plain HTTP to a TLS port": {
    protocol: "http",
    start: saying(TLS_ALERT),
    reason: "upstream_protocol",
    says: ' speaks TLS: let the script of --pac return "HTTPS" for it',
  },
  "HTTP to a SOCKS port": {
    protocol: "http",
    start: saying("\x05\xff"),
    reason: "upstream_protocol",
    says: ' speaks SOCKS 5: let the script of --pac return "SOCKS5" for it',
  },
  "SOCKS to an HTTP port": {
    protocol: "socks5",
    start: saying("HTTP/1.1 400 Bad Request\r\n\r\n"),
    reason: "upstream_protocol",
    says: ' speaks HTTP: let the script of --pac return "PROXY" for it',
  },
  "SOCKS to a TLS port": {
    protocol: "socks5",
    start: saying(TLS_ALERT),
    reason: "upstream_protocol",
    says: ' speaks TLS: let the script of --pac return "HTTPS" for it',
  },
  "a mail server": {
    protocol: "http",
    start: saying("220 mail.test ESMTP\r\n\r\n"),
    reason: "upstream_protocol",
    says:
      ' does not speak HTTP (it begins with "220", not with an HTTP version): check the script of --pac',
  },
  "SOCKS that forbids the host": {
    protocol: "socks5",
    start: saying("\x05\x00\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"),
    reason: "upstream_dial",
    says:
      " forbids this host by its rules: check its log, and the script of --pac",
  },
  "SOCKS that wants a login": {
    protocol: "socks5",
    start: saying("\x05\xff"),
    reason: "upstream_authentication",
    says: " wants a user name and password: give the right ones with --auth",
  },
  "HTTP that wants a login": {
    protocol: "http",
    start: challenging(
      'Digest realm="a, Basic b", nonce="x"',
      'Basic realm="y"',
    ),
    reason: "upstream_authentication",
    says: " wants a user name and password: give the right ones with --auth",
  },
  "HTTP that rejects a login": {
    protocol: "http",
    login: "s3cret",
    start: challenging('Basic realm="y"'),
    reason: "upstream_authentication",
    says:
      " rejects the client's user name and password: give the right ones with --auth",
  },
  "NTLM and Kerberos": {
    protocol: "http",
    login: "s3cret",
    start: challenging("Negotiate", "NTLM"),
    reason: "upstream_authentication",
    says:
      " wants a login by Negotiate or NTLM, and only Basic is supported: let it accept Basic, or use a local proxy that logs in to it, such as Px or Cntlm",
  },
  "Digest": {
    protocol: "http",
    start: challenging('Digest realm="Basic, Basic x", qop="auth"'),
    reason: "upstream_authentication",
    says:
      " wants a login by Digest, and only Basic is supported: let it accept Basic, or use a local proxy that logs in to it, such as Px or Cntlm",
  },
};

/** The words of a PAC for the protocols. */
const WORDS: Readonly<Record<Protocol, string>> = {
  http: "PROXY",
  https: "HTTPS",
  socks5: "SOCKS5",
};

Deno.test("a proxy that fails is named with what to change, and the site is not blamed", async (t) => {
  await using stack = new AsyncDisposableStack();
  const entries = Object.entries(CASES);
  const ports = await Promise.all(
    entries.map(([, { start }]) => start(stack)),
  );
  const proxies = entries.map(([, { protocol }], at) =>
    `${WORDS[protocol]} 127.0.0.1:${ports[at]}`
  );
  const system = stack.use(
    await runningSystem({
      client: {
        pacText: `function FindProxyForURL(url, host) {
          return ${
          JSON.stringify(proxies)
        }[parseInt(host.replace(/[a-z]+/, ""), 10)] || "DIRECT";
        }`,
        caFiles: ['"server-ca.pem"'],
        tlsResignDomains: ["^opened"],
        dial: { attempts: 1 },
        credentials: entries.flatMap(([, { login }], at) =>
          login === undefined ? [] : {
            ...{ username: "jane", password: login },
            ...{ hostname: "127.0.0.1", port: ports[at] ?? 0 },
          }
        ),
      },
    }),
  );
  for (const [at, [what, each]] of entries.entries()) {
    await t.step(what, async () => {
      const { protocol, reason, says } = each;
      const { before = "the upstream proxy " } = each;
      const url = `${protocol}://127.0.0.1:${ports[at]}`;

      const pages = await Promise.all([
        get(`http://shop${at}.test/`, system.proxy),
        connectTo(`shop${at}.test:443`, system.proxy),
        get(`https://opened${at}.test/`, system.proxy),
      ]);

      const targets = [
        `shop${at}.test`,
        `shop${at}.test:443`,
        `opened${at}.test`,
      ];
      for (const [which, page] of pages.entries()) {
        assert.equal(page.status, 502);
        assert.equal(
          page.error,
          `${reason} Cannot reach "${
            targets[which]
          }": ${before}"${url}"${says}`,
        );
        assert.doesNotMatch(page.text, /jane|s3cret/);
      }
    });
  }
});

/** Starts a client that must fail; gives what it says. */
async function startError(options: Partial<ClientOptions>): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startTestServer());
  try {
    stack.use(await startTestClient(server, options));
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    assert.equal(error.code, "unreachable");
    return error.message;
  }
  assert.fail("It has started");
}

for (
  const [what, start, says] of [
    [
      "a closed port",
      closedPort,
      /: nothing listens at the upstream proxy "http:\/\/127\.0\.0\.1:\d+": start it, or check --proxy-server$/,
    ],
    [
      "a TLS port",
      saying(TLS_ALERT),
      /: the upstream proxy "http:\S+" speaks TLS: write https:\/\/ in --proxy-server$/,
    ],
    [
      "a login by NTLM",
      challenging("NTLM"),
      /: the upstream proxy "http:\S+" wants a login by NTLM, and only Basic is supported: /,
    ],
    [
      "a login",
      challenging("Basic realm=x"),
      /: the upstream proxy "http:\S+" wants a user name and password: give the right ones in --proxy-server$/,
    ],
    [
      "a refusal",
      saying("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
      /: the upstream proxy "http:\S+" responded with status 403: check its log, and --proxy-server$/,
    ],
  ] as const
) {
  Deno.test(`--proxy-server: ${what} is not blamed on --server`, async () => {
    await using stack = new AsyncDisposableStack();
    const port = await start(stack);
    const serverProxy = parseUpstreamProxy(`http://127.0.0.1:${port}`);

    const message = await startError({ serverProxy });

    assert.match(message, /^Cannot reach "127\.0\.0\.1:\d+": /);
    assert.match(message, says);
  });
}

Deno.test("--server: a closed port, a plain port and an unknown name are blamed on it", async () => {
  await using stack = new AsyncDisposableStack();
  const plain = await saying("HTTP/1.1 400 Bad\r\n\r\n")(stack);
  const closed = closedPort();
  for (
    const [server, says] of [
      [`127.0.0.1:${closed}`, "connection refused"],
      [`127.0.0.1:${plain}`, "that port does not speak TLS"],
    ] as const
  ) {
    assert.equal(
      await startError({ server: `https://${server}` }),
      `Cannot connect to "${server}": ${says}, check --server`,
    );
  }
  assert.equal(
    await startError({ server: "https://nowhere.invalid" }),
    'Cannot find "nowhere.invalid": no such host, check --server',
  );
});

Deno.test("--server: an authority that is not trusted is named, with the files that were looked at", async () => {
  const other = await createTestAuthority();

  const none = await startError({ caCerts: [] });
  const wrong = await startError({
    caCerts: [other.ca],
    caFiles: ['"other.pem"'],
  });

  const remedy =
    ": give its certificate with --cacert-file (a server's own is ca.pem in its data directory)";
  const start =
    /^Cannot trust the certificate of "127\.0\.0\.1:\d+": its authority "[^"]+" is /;
  assert.match(none, start);
  assert.equal(none.replace(start, ""), `not built in${remedy}`);
  assert.equal(
    wrong.replace(start, ""),
    `neither built in nor in "other.pem"${remedy}`,
  );
});

Deno.test("a tunnel port that cannot be reached is named as such, in the log and at the start", async () => {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startTestServer());
  const { port } = server.tunnelAddress;
  const connect = serverConnect(
    { server: server.url, caCerts: [server.ca?.pem ?? ""] },
    () => Promise.resolve(["127.0.0.1"]),
  );
  await stack.disposeAsync();

  await assert.rejects(
    connect(
      { hostname: "127.0.0.1", port, secure: true },
      new AbortController().signal,
    ),
    {
      code: "refused",
      message:
        `Cannot connect to "127.0.0.1:${port}": connection refused, which is the tunnel port of the server: let firewalls pass it, and check the server options --external-host and --tunnel-address`,
    },
  );
});

Deno.test("a site's own 407 is passed on as it is, whatever its scheme", async () => {
  await using site = new TcpServer(async (conn) => {
    await conn.read(new Uint8Array(4096));
    await conn.write(bytesOf(
      "HTTP/1.1 407 Mine\r\nProxy-Authenticate: NTLM\r\n" +
        'Proxy-Authenticate: Basic realm="site"\r\n' +
        "Content-Length: 4\r\n\r\nmine",
    ));
  });
  await using system = await runningSystem();

  using page = await open(
    `http://origin.test:${site.port}/`,
    system.proxy,
  );

  assert.equal(page.status, 407);
  assert.deepEqual(
    page.fields.filter(([name]) => /^(proxy-a|x-s)/i.test(name)),
    [
      ["Proxy-Authenticate", "NTLM"],
      ["Proxy-Authenticate", 'Basic realm="site"'],
    ],
  );
  assert.equal(await page.text(), "mine");
});

Deno.test("a proxy that says nothing is blamed for it, whatever it speaks", async () => {
  await using silent = new TcpServer(async (conn) => {
    while (await conn.read(new Uint8Array(1024)) !== null);
  });
  for (const protocol of ["http", "https", "socks5"] as const) {
    const url = `${protocol}://127.0.0.1:${silent.port}`;
    await using system = await runningSystem({
      client: {
        upstreamProxy: parseUpstreamProxy(url),
        // The proxy answers nothing: only the accepted connection is in time.
        dial: { attempts: 1, timeout: 1_000, tlsHandshakeTimeout: 1_000 },
      },
    });

    const page = await connectTo("shop.test:443", system.proxy);

    assert.equal(page.status, 504);
    assert.equal(
      page.error,
      `upstream_timeout Cannot reach "shop.test:443": the upstream proxy "${url}" did not respond in time: check whether it works, and --proxy`,
    );
  }
});
