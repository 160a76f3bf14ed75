/**
 * Promise: the client's rules about hosts hold, decided at the server and
 * checked at the client.
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import {
  type RunningSystem,
  runningSystem,
  type SystemOptions,
} from "../testing/running_system.ts";
import { connectTo, get, openTls, type Page } from "../testing/browser.ts";

/** Asks as a browser of this system does. */
function ask(url: string, system: RunningSystem): Promise<Page> {
  return get(url, system.proxy);
}

/** A system in which `.test` leads to this machine for the client, and to nobody for the server. */
async function systemWith(
  client: SystemOptions["client"] & object,
  server: SystemOptions["server"] & object = {},
): Promise<RunningSystem> {
  return await runningSystem({ client, server });
}

Deno.test("--deny-domains refuses matches with 403 and lets what is excluded pass", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith({
    denyDomains: ["\\.test$", "-^good\\."],
  });
  const path = `:${origin.port}/status/200`;

  const bad = await ask(`http://bad.test${path}`, system);
  const good = await ask(`http://good.test${path}`, system);
  const tunnelled = await connectTo(`bad.test:${origin.port}`, system.proxy);

  assert.equal(bad.status, 403);
  assert.match(bad.text, /denied to host "bad\.test"/);
  assert.match(bad.error ?? "", /^denied_domain /);
  assert.equal(good.status, 200);
  assert.equal(tunnelled.status, 403);
});

Deno.test("--deny-domains refuses an address however it is spelt", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith({
    denyDomains: ["^127\\.0\\.0\\.1$"],
  });
  const { proxy } = system;
  const spellings = [
    ...["127.0.0.1", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433"],
    ...["127.0.0.1.", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
  ];

  for (const host of spellings) {
    const authority = `${host}:${origin.port}`;
    const page = await ask(`http://${authority}/status/200`, system);
    assert.match(page.error ?? "", /^denied_domain /, host);
    const tunnelled = await connectTo(authority, proxy);
    assert.match(tunnelled.error ?? "", /^denied_domain /, host);
  }
  assert.equal(origin.connections, 0);
});

Deno.test("--tunnel-domains sends matches through the tunnel and all others from the server", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith(
    { tunnelDomains: ["^shop\\.test$"] },
    { direct: "all" },
  );
  const path = `:${origin.port}/status/200`;

  const tunnelled = await ask(`http://shop.test${path}`, system);
  const direct = await ask(`http://127.0.0.1${path}`, system);
  // Only the client knows this name: it went the other way.
  const lost = await ask(`http://other.test${path}`, system);

  assert.equal(tunnelled.status, 200);
  assert.equal(direct.status, 200);
  assert.equal(lost.status, 502);
  assert.match(lost.error ?? "", /^name_not_found /);
});

Deno.test("--direct-domains sends matches from the server, unopened, and all others through the tunnel", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith(
    { directDomains: ["^127\\.", "^other\\."], tlsResignDomains: ["all"] },
    { direct: "all" },
  );
  const path = `:${origin.port}/status/200`;

  assert.equal((await ask(`http://127.0.0.1${path}`, system)).status, 200);
  assert.equal((await ask(`http://other.test${path}`, system)).status, 502);
  assert.equal((await ask(`http://shop.test${path}`, system)).status, 200);
});

Deno.test("the TLS of what goes past the tunnel is never opened", async () => {
  await using secure = await startOrigin("https");
  await using system = await systemWith(
    { directDomains: ["^localhost$"], tlsResignDomains: ["all"] },
    { direct: "all" },
  );
  // It trusts the site's own authority and no other.
  using inside = await openTls(system.proxy, {
    site: secure,
    hostname: "localhost",
    ca: secure.ca ?? "",
  });
  await inside.send("GET /status/204 HTTP/1.1\r\nHost: localhost\r\n\r\n");

  assert.match(await inside.readHead(), /^HTTP\/1\.1 204 /);
});

Deno.test("expressions are searched anywhere in the host, and in nothing but the host", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith({
    denyDomains: ["shop", `${origin.port}`, "^http", "-^my-shop", "tes[s-u]x"],
  });

  for (
    const [host, status] of [
      ...[["shop.test", 403], ["SHOP.test", 403], ["a.workshop.test", 403]],
      // What is taken out stays out, whatever the others say.
      ...[["my-shop.test", 200], ["httpd.test", 403], ["a.httpd.test", 200]],
      // Neither port, path nor scheme is looked at.
      ["other.test", 200],
    ] as const
  ) {
    const url = `http://${host}:${origin.port}/status/200?shop`;
    assert.equal((await ask(url, system)).status, status, url);
  }
});

for (const host of ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254"]) {
  Deno.test(`the server does not lead into its own network: ${host}`, async () => {
    await using origin = await startOrigin();
    await using system = await systemWith({ directDomains: ["all"] });

    const page = await ask(`http://${host}:${origin.port}/`, system);

    assert.equal(page.status, 403);
    assert.match(page.text, /^sallyport server: Proxying is denied/);
  });
}

Deno.test("a server that reaches nothing itself says so", async () => {
  await using system = await systemWith(
    { directDomains: ["all"] },
    { direct: "none" },
  );

  const page = await ask("http://192.0.2.1/", system);

  assert.equal(page.status, 403);
  assert.match(page.error ?? "", /^denied_direct /);
});
