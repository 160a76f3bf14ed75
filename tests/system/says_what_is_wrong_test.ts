import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";
import { startResettingServer, TcpServer } from "../testing/tcp_server.ts";
import {
  type BrowserProxy,
  connectTo,
  get,
  type Page,
} from "../testing/browser.ts";

/** What the browser gets: the same in the page and in `X-Sallyport-Error`. */
interface Words {
  readonly status: number;
  readonly reason: string;
  /** The first line of the page, without who speaks. */
  readonly says: string;
}

function proxyOf({ proxyAddress, credentials }: RunningSystem): BrowserProxy {
  const { username, password } = credentials;
  return {
    port: proxyAddress.port,
    credentials: `${username}:${password}`,
  };
}

function assertSays(page: Page, { status, reason, says }: Words): void {
  const [firstLine] = page.text.split("\n");
  assert.equal(firstLine, `sallyport client: ${says}`);
  assert.equal(page.error, `${reason} ${says}`);
  assert.equal(page.status, status);
  assert.equal(page.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(page.get("cache-control"), "no-store");
}

/** A port of this machine on which nobody listens. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Sends `text` as the response to any request. */
function startSiteThatSays(text: string): TcpServer {
  return new TcpServer(async (conn) => {
    await conn.read(new Uint8Array(1024));
    await conn.write(new TextEncoder().encode(text));
  });
}

Deno.test("a host without an address is named", async () => {
  await using system = await runningSystem();
  const says =
    'Cannot find the host "nowhere.invalid": DNS on the client\'s machine has no such name';

  const page = await get("http://nowhere.invalid/", proxyOf(system));
  const tunnel = await connectTo("nowhere.invalid:443", proxyOf(system));

  assertSays(page, { status: 502, reason: "name_not_found", says });
  assertSays(tunnel, {
    status: 502,
    reason: "name_not_found",
    says: says.replace("nowhere.invalid", "nowhere.invalid:443"),
  });
});

Deno.test("a port on which nobody listens is named", async () => {
  await using system = await runningSystem({
    client: { dial: { attempts: 1 } },
  });
  const authority = `origin.test:${closedPort()}`;
  const words = {
    status: 502,
    reason: "net_dial",
    says: `Cannot connect to "${authority}": nothing listens there`,
  };

  const page = await get(`http://${authority}/`, proxyOf(system));
  const tunnel = await connectTo(authority, proxyOf(system));

  assertSays(page, words);
  assertSays(tunnel, words);
});

Deno.test("a site whose certificate nobody signed is named, with the flag that helps", async () => {
  await using system = await runningSystem();
  await using origin = await startOrigin("https");
  const authority = `localhost:${origin.port}`;

  const page = await get(`https://${authority}/`, proxyOf(system));

  assertSays(page, {
    status: 502,
    reason: "tls_certificate",
    says:
      `Cannot trust the certificate of "${authority}": its authority "Sallyport test authority" is neither built in nor in the given CA certificates: give its certificate with --cacert-file, or skip the check for this host with --insecure-domains`,
  });
});

Deno.test("a site that does not speak TLS is named", async () => {
  await using system = await runningSystem();
  await using site = startSiteThatSays("HTTP/1.1 400 Bad Request\r\n\r\n");
  const authority = `localhost:${site.port}`;

  const page = await get(`https://${authority}/`, proxyOf(system));

  assertSays(page, {
    status: 502,
    reason: "tls_record_header",
    says:
      `Cannot agree on TLS with "${authority}": that port does not speak TLS, perhaps plain HTTP`,
  });
});

Deno.test("a site that closes without a response is named", async () => {
  await using system = await runningSystem();
  await using origin = await startOrigin();
  await using resetting = await startResettingServer("");

  for (
    const url of [
      `http://origin.test:${origin.port}/die-before-head`,
      `http://origin.test:${resetting.port}/`,
    ]
  ) {
    const page = await get(url, proxyOf(system));
    assertSays(page, {
      status: 502,
      reason: "net_read",
      says: `Cannot get a response from "${
        new URL(url).host
      }": it closed the connection`,
    });
  }
});

Deno.test("a site that speaks no HTTP is named", async () => {
  await using system = await runningSystem();
  await using site = startSiteThatSays("220 mail.test ESMTP\r\n\r\n");
  const authority = `origin.test:${site.port}`;

  const page = await get(`http://${authority}/`, proxyOf(system));

  assertSays(page, {
    status: 502,
    reason: "bad_response",
    says:
      `Cannot read the response of "${authority}", it is not valid HTTP: it begins with "220", not with an HTTP version`,
  });
});

Deno.test("a site that takes too long is named", async () => {
  await using system = await runningSystem({
    client: { dial: { responseHeaderTimeout: 100 } },
  });
  await using origin = await startOrigin();
  const authority = `origin.test:${origin.port}`;

  const page = await get(`http://${authority}/hold/x`, proxyOf(system));

  assertSays(page, {
    status: 504,
    reason: "response_timeout",
    says:
      `Cannot get a response from "${authority}": it sent no header section in time`,
  });
});

Deno.test("the URL of the request stays out of the page's markup and fields", async () => {
  await using system = await runningSystem();

  const page = await get(
    "http://nowhere.invalid/%3Cscript%3E?key=s3cr3t",
    proxyOf(system),
  );

  assert.doesNotMatch(page.text, /script|s3cr3t/);
  assert.equal(page.get("x-content-type-options"), "nosniff");
});
