import assert from "node:assert/strict";
import { formatBasicCredentials } from "../../../src/http/basic_credentials.ts";
import { ProxyMetrics } from "../../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../../src/metrics/registry.ts";
import { createHealthApp } from "../../../src/server/rest/health_app.ts";
import type { KeyScope } from "../../../src/api/resources/account_types.ts";
import { LoginGuard } from "../../../src/server/accounts/login_guard.ts";
import { chosenKeys } from "../chosen_keys.ts";
import { directoryOf } from "../directory.ts";

interface LoginAttempt {
  readonly username?: string;
  readonly password?: string;
  readonly scope?: KeyScope;
}

function healthApp(
  scope: KeyScope = "all",
  isStopping = false,
  failures: ReadonlyMap<string, string> = new Map(),
): ReturnType<typeof createHealthApp> {
  const metrics = createRegistry({ version: "1", commit: "c", time: "t" });
  new ProxyMetrics(metrics).fail("no_session");
  const guard = new LoginGuard(
    chosenKeys((_name, key) =>
      key === "right" ? { id: "1", name: "ci", scope } : undefined
    ),
  );
  const accounts = directoryOf({ ann: "default", eve: "acme" });
  return createHealthApp({
    ...{ metrics, guard, accounts, health: { failures } },
    isStopping: () => isStopping,
  });
}

async function ask(
  { username = "ann", password = "right", scope }: LoginAttempt,
): Promise<Response> {
  const Authorization = formatBasicCredentials({ username, password });
  return await healthApp(scope).request("/metrics", {
    headers: { Authorization },
  });
}

Deno.test("createHealthApp() responds to probes without credentials", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const response = await healthApp().request(path);

    assert.deepEqual([response.status, await response.text()], [200, "OK"]);
  }
});

Deno.test("createHealthApp() says that a stopping server is alive and not ready", async () => {
  const app = healthApp("all", true);

  const ready = await app.request("/readyz");
  const healthy = await app.request("/healthz");

  assert.deepEqual([ready.status, await ready.text()], [503, "stopping"]);
  assert.equal(healthy.status, 200);
});

Deno.test("createHealthApp() says which check fails, one a line", async () => {
  const app = healthApp(
    "all",
    false,
    new Map([["database", "the disk is full"], ["files", "none is left"]]),
  );

  for (const path of ["/healthz", "/readyz"]) {
    const response = await app.request(path);

    assert.deepEqual([response.status, await response.text()], [
      503,
      "database: the disk is full\nfiles: none is left",
    ]);
  }
});

Deno.test("createHealthApp() shows what is counted to users of the first organization only, with keys that may read", async () => {
  assert.equal((await healthApp().request("/metrics")).status, 401);
  assert.equal((await ask({ password: "wrong" })).status, 401);
  assert.equal((await ask({ username: "eve" })).status, 403);
  assert.equal((await ask({ scope: "use" })).status, 403);
  assert.equal((await ask({ scope: "read" })).status, 200);
  const response = await ask({});
  assert.equal(response.status, 200);
  assert.match(
    await response.text(),
    /^sallyport_proxy_errors_total\{reason="no_session"\} 1$/m,
  );
});

Deno.test("createHealthApp() writes OpenMetrics for who accepts it", async () => {
  const Authorization = formatBasicCredentials({
    username: "ann",
    password: "right",
  });

  const response = await healthApp().request("/metrics", {
    headers: { Authorization, Accept: "application/openmetrics-text" },
  });

  assert.match(
    response.headers.get("content-type") ?? "",
    /^application\/openmetrics-text/,
  );
  assert.match(await response.text(), /\n# EOF\n$/);
});
