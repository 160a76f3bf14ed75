import assert from "node:assert/strict";
import { formatBasicCredentials } from "../../src/http/basic_credentials.ts";
import { ProxyMetrics } from "../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { createHealthApp } from "../../src/server/health_app.ts";
import { LoginGuard } from "../../src/server/login_guard.ts";

function healthApp(): ReturnType<typeof createHealthApp> {
  const metrics = createRegistry({ version: "1", commit: "c", time: "t" });
  new ProxyMetrics(metrics).fail("no_session");
  const guard = new LoginGuard({
    verify: (_name, key) => Promise.resolve(key === "right"),
  });
  return createHealthApp({ metrics, guard });
}

Deno.test("createHealthApp() answers probes without credentials", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const response = await healthApp().request(path);

    assert.deepEqual([response.status, await response.text()], [200, "OK"]);
  }
});

Deno.test("createHealthApp() shows what is counted to users only", async () => {
  const app = healthApp();
  const ask = (password: string) =>
    app.request("/metrics", {
      headers: {
        Authorization: formatBasicCredentials({ username: "ann", password }),
      },
    });

  assert.equal((await app.request("/metrics")).status, 401);
  assert.equal((await ask("wrong")).status, 401);
  const response = await ask("right");
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
