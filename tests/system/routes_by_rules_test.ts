/**
 * Promise: what the client is told about hosts is what happens, decided at the
 * server and checked at the client. Acceptance rows 30 to 34.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import {
  type RunningSystem,
  runningSystem,
  type SystemOptions,
} from "../testing/running_system.ts";
import { connectTo, get, type Page } from "./browser.ts";

/** Asks as a browser of this system does. */
function ask(url: string, system: RunningSystem): Promise<Page> {
  const { username, password } = system.credentials;
  return get(url, {
    port: system.proxyAddress.port,
    credentials: `${username}:${password}`,
  });
}

/** A system in which `.test` leads to this machine for the client, and to nobody for the server. */
async function systemWith(
  client: SystemOptions["client"] & object,
  server: SystemOptions["server"] & object = {},
): Promise<RunningSystem> {
  return await runningSystem({ client, server });
}

Deno.test("--deny-domains refuses matches with 403 and lets what is excluded pass (row 32)", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith({
    denyDomains: ["\\.test$", "-^good\\."],
  });
  const path = `:${origin.port}/status/200`;

  const bad = await ask(`http://bad.test${path}`, system);
  const good = await ask(`http://good.test${path}`, system);
  const { username, password } = system.credentials;
  const tunnelled = await connectTo(`bad.test:${origin.port}`, {
    port: system.proxyAddress.port,
    credentials: `${username}:${password}`,
  });

  assert.equal(bad.status, 403);
  assert.match(bad.text, /denied to host "bad\.test"/);
  assert.match(bad.error ?? "", /^denied_domain /);
  assert.equal(good.status, 200);
  assert.equal(tunnelled.status, 403);
});

Deno.test("--tunnel-domains sends matches through the tunnel and all others from the server (row 30)", async () => {
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

Deno.test("--direct-domains sends matches from the server, unopened, and all others through the tunnel (row 31)", async () => {
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

for (const host of ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254"]) {
  Deno.test(`the server is no door into its own network: ${host}`, async () => {
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
