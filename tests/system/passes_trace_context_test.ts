/**
 * A trace of the browser goes on at the site: its context passes untouched.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { USER } from "../testing/user.ts";
import { runningSystem } from "../testing/running_system.ts";

Deno.test("the W3C trace context of a request arrives at the site as it was", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem({
    client: { proxyLocalhost: "allow" },
  });
  using client = Deno.createHttpClient({
    proxy: {
      url: system.proxyUrl,
      basicAuth: { username: system.credentials.username, password: USER.key },
    },
  });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  const answer = await fetch(`${origin.url}/headers`, {
    client,
    headers: { traceparent, tracestate: "lab=t61rcWkgMzE" },
  });
  const text = await answer.text();

  assert.equal(answer.status, 200);
  assert.ok(text.includes(traceparent), text);
  assert.ok(text.includes("lab=t61rcWkgMzE"), text);
});
