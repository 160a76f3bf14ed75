/** @module */
import assert from "node:assert/strict";
import { Hono } from "hono";
import type { ApiEnv } from "../../../src/api/serving/serve.ts";
import { ClientStatus } from "../../../src/client/status/status.ts";
import { createStatusApp } from "../../../src/client/status/status_app.ts";
import { createRegistry } from "../../../src/metrics/registry.ts";

const BUILD = { version: "1.2.3", commit: "abc", time: "2026-01-01" };

function createApp(
  { status = new ClientStatus(), ...options }: {
    readonly pac?: string;
    readonly status?: ClientStatus;
    readonly credentials?: string;
    readonly health?: { readonly failures: ReadonlyMap<string, string> };
    readonly inspector?: Hono<ApiEnv>;
    readonly hostNames?: readonly string[];
  } = {},
): ReturnType<typeof createStatusApp> {
  return createStatusApp({
    status,
    metrics: createRegistry(BUILD),
    build: BUILD,
    configz: "",
    credentials: undefined,
    ...options,
  });
}

Deno.test("/pac is the PAC in use, with the type that browsers want", async () => {
  const text = "function FindProxyForURL() { return 'DIRECT'; }";
  const app = createApp({ pac: text });

  const answer = await app.request("/pac");
  const index = await app.request("/");

  assert.equal(await answer.text(), text);
  assert.equal(
    answer.headers.get("content-type"),
    "application/x-ns-proxy-autoconfig",
  );
  assert.match(await index.text(), /href="\/pac"/);
});

Deno.test("/readyz and /healthz follow the life of a client", async () => {
  const status = new ClientStatus();
  const app = createApp({ status });
  const both = async () => [
    (await app.request("/readyz")).status,
    (await app.request("/healthz")).status,
  ];

  const starting = await both();
  status.setActive(1);
  const connected = await both();
  status.markReady();
  const ready = await both();
  status.setActive(0);
  const reconnecting = await both();
  status.markStopping();
  const stopping = await both();

  assert.deepEqual(
    { starting, connected, ready, reconnecting, stopping },
    {
      starting: [503, 503],
      connected: [503, 200],
      ready: [200, 200],
      reconnecting: [503, 200],
      stopping: [503, 503],
    },
  );
});

Deno.test("no response may be stored, or read by pages of other sites", async () => {
  const app = createApp({ credentials: "probe:s3cr3t" });

  for (const path of ["/", "/readyz", "/info", "/metrics", "/nothing"]) {
    const { headers } = await app.request(path, {
      headers: { Origin: "https://elsewhere.test" },
    });

    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.equal(headers.get("access-control-allow-origin"), null, path);
  }
});

const EVERYTHING = [
  ...["/", "/readyz", "/healthz", "/info", "/version", "/configz", "/metrics"],
  ...["/pac", "/openapi.json", "/page/page.css", "/nothing"],
];

Deno.test("nothing is said under a name of somebody else's where names are given", async () => {
  const app = createApp({ pac: "x", hostNames: ["build-7"] });

  for (const path of EVERYTHING) {
    const headers = { Host: "evil.test:8032" };
    const { status } = await app.request(path, { headers });
    assert.equal(status, 403, path);
  }
  for (const Host of ["127.0.0.1:8032", "[::1]:8032", "localhost", "Build-7"]) {
    const { status } = await app.request("/info", { headers: { Host } });
    assert.equal(status, 200, Host);
  }
});

Deno.test("the 401 has the field that browsers need", async () => {
  const app = createApp({ credentials: "probe:s3cr3t" });

  const { status, headers } = await app.request("/info");

  assert.equal(status, 401);
  assert.match(headers.get("www-authenticate") ?? "", /^Basic realm=/);
});

Deno.test("every path of the status API is documented, and every documented one is there", async () => {
  const inspector = new Hono<ApiEnv>().get("/", (context) => context.text(""));
  const credentials = "user:password";
  const app = createApp({ pac: "x", inspector, credentials });
  const paths = app.routes.filter(({ method }) => method === "GET")
    .map(({ path }) => path).filter((path) => !path.startsWith("/page/"));

  const answer = await app.request("/openapi.json", {
    headers: { "Authorization": `Basic ${btoa("user:password")}` },
  });

  const document: { paths: Record<string, unknown>; servers: unknown } =
    await answer.json();
  assert.deepEqual(document.servers, [{ url: "http://localhost" }]);
  assert.deepEqual(paths.toSorted(), Object.keys(document.paths).toSorted());
});

const WRONG = { Authorization: `Basic ${btoa("probe:wrong")}` };
const RIGHT = { Authorization: `Basic ${btoa("probe:s3cr3t")}` };

Deno.test("the status API and the inspector are slow to guess at, and right credentials pass from elsewhere", async () => {
  const inspector = new Hono<ApiEnv>().get("/", (c) => c.text("traffic"));
  const app = createApp({ credentials: "probe:s3cr3t", inspector });
  const ask = async (
    headers: Readonly<Record<string, string>>,
    { path = "/info", remoteAddress = "192.0.2.1" } = {},
  ) => (await app.request(path, { headers }, { remoteAddress })).status;

  const paths = ["/info", "/metrics", "/inspector", "/nothing"];
  for (let count = 0; count < 10; count += 1) {
    const path = paths[count % paths.length] ?? "";
    const headers = { ...WRONG, "X-Forwarded-For": `198.51.100.${count}` };
    assert.equal(await ask(headers, { path }), 401);
    assert.equal(await ask({}), 401, "no guess");
  }

  for (const path of paths) assert.equal(await ask(WRONG, { path }), 429);
  assert.equal(await ask(RIGHT), 429);
  assert.equal(await ask(RIGHT, { remoteAddress: "192.0.2.2" }), 200);
});

Deno.test("the status API says how long to wait, and what it wants", async () => {
  const app = createApp({ credentials: "probe" });
  const missing = await app.request("/info");
  for (let count = 0; count < 10; count += 1) {
    await app.request("/info", { headers: WRONG });
  }
  const throttled = await app.request("/info", { headers: WRONG });

  assert.match(missing.headers.get("www-authenticate") ?? "", /^Basic /);
  assert.equal(throttled.headers.get("retry-after"), "60");
  const headers = { Authorization: `Basic ${btoa("probe:")}` };
  const address = { remoteAddress: "192.0.2.2" };
  assert.equal((await app.request("/info", { headers }, address)).status, 200);
});

Deno.test("a page of another site changes nothing at the status API", async () => {
  const inspector = new Hono<ApiEnv>().post("/clear", (c) => c.text("done"));
  const app = createApp({ inspector });
  const post = async (headers: Readonly<Record<string, string>>) =>
    (await app.request("/inspector/clear", { method: "POST", headers })).status;

  assert.equal(await post({ "Origin": "https://evil.test" }), 403);
  assert.equal(await post({ "Sec-Fetch-Site": "cross-site" }), 403);
  assert.equal(await post({ "Origin": "http://localhost" }), 200);
});

Deno.test("/readyz and /healthz name what fails, after the words of Sauce Connect", async () => {
  const status = new ClientStatus();
  const failures = new Map([["files", "none is left"]]);
  const app = createApp({ status, health: { failures } });
  const textOf = async (path: string) => (await app.request(path)).text();

  assert.equal(
    await textOf("/readyz"),
    "Service Unavailable\nfiles: none is left\ntunnel: starting",
  );
  status.setActive(1);
  status.markReady();
  assert.equal(
    await textOf("/healthz"),
    "Service Unavailable\nfiles: none is left",
  );
  failures.clear();
  assert.equal(await textOf("/healthz"), "OK");
});

Deno.test("the status API refuses what is not reading, with the methods that it has", async () => {
  const app = createApp({});

  for (const path of ["/", "/readyz", "/info", "/metrics", "/openapi.json"]) {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "FOO"]) {
      const answer = await app.request(path, { method });

      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.equal(answer.headers.get("allow"), "GET, HEAD");
      assert.equal(
        (await answer.json()).error,
        `Cannot ${method} "${path}": use GET`,
      );
    }
    const head = await app.request(path, { method: "HEAD" });
    assert.notEqual(head.status, 405);
  }
});
