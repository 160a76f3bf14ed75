import assert from "node:assert/strict";
import { Hono } from "hono";
import { problemResponse } from "../../../src/api/serving/problem.ts";
import { refuseCrossSite } from "../../../src/web/security/cross_site.ts";

async function statusOf(
  headers: Readonly<Record<string, string>>,
  { method = "POST", url = "https://lab.test:8443/form" } = {},
): Promise<number> {
  const app = new Hono();
  app.onError(problemResponse);
  app.use(refuseCrossSite());
  app.all("/form", (context) => context.text("done"));
  return (await app.request(url, { method, headers })).status;
}

for (
  const [headers, status] of [
    [{}, 200],
    [{ "Sec-Fetch-Site": "none" }, 200],
    [{ "Sec-Fetch-Site": "same-origin" }, 200],
    [{ "Sec-Fetch-Site": "same-origin", "Origin": "null" }, 200],
    [{ "Sec-Fetch-Site": "same-site" }, 403],
    [{ "Sec-Fetch-Site": "cross-site" }, 403],
    [{ "Origin": "https://lab.test:8443" }, 200],
    [{ "Origin": "https://LAB.test:8443" }, 200],
    [{ "Origin": "http://lab.test:8443" }, 403],
    [{ "Origin": "https://lab.test" }, 403],
    [{ "Origin": "https://www.lab.test:8443" }, 403],
    [{ "Origin": "https://evil.test" }, 403],
    [{ "Origin": "null" }, 403],
    [{ "Origin": "" }, 403],
    [{ "Origin": "https://lab.test:8443, https://evil.test" }, 403],
  ] as const
) {
  Deno.test(`refuseCrossSite() gives a form with ${JSON.stringify(headers)} the status ${status}`, async () => {
    assert.equal(await statusOf(headers), status);
    assert.equal(await statusOf(headers, { method: "GET" }), 200);
  });
}

Deno.test("refuseCrossSite() knows the page's origin where a reverse proxy ends the TLS", async () => {
  const url = "http://lab.test/form";

  assert.equal(await statusOf({ "Origin": "https://lab.test" }, { url }), 200);
  assert.equal(await statusOf({ "Origin": "http://evil.test" }, { url }), 403);
});
