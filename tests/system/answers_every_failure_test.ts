/**
 * Promise: every failure reaches the browser as a page that says who speaks,
 * what is wrong and what to do, and is counted under one word. How each failure comes about stands in `failures.ts`.
 */
import assert from "node:assert/strict";
import { TcpServer } from "../testing/tcp_server.ts";
import { within } from "../testing/deadline.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { parseUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";
import { connectTo, get } from "../testing/browser.ts";
import { type Failure, FAILURES, SCRAPER } from "./failures.ts";

/** Waits until a failure is counted: that of a browser that is gone has no response. */
async function untilCounted(
  system: RunningSystem,
  failure: Failure,
): Promise<void> {
  while (await countOf(system, failure) === 0);
}

/** How often a proxy has counted a failure under `reason`. */
async function countOf(
  { client, server }: RunningSystem,
  { speaker, reason }: Failure,
): Promise<number> {
  using trust = Deno.createHttpClient({ caCerts: [server.ca?.pem ?? ""] });
  const answer = await fetch(
    new URL("/metrics", speaker === "client" ? client.apiUrl : server.url),
    {
      client: trust,
      headers: {
        Authorization: `Basic ${btoa(`${SCRAPER.name}:${SCRAPER.key}`)}`,
      },
    },
  );
  const metrics = parseMetrics(await answer.text());
  return metrics.get("sallyport_proxy_errors_total")?.samples
    .find(({ labels }) => labels.reason === reason)?.value ?? 0;
}

for (const [code, failure] of Object.entries(FAILURES)) {
  if ("test" in failure) {
    Deno.test(`${code} is held to the table by ${failure.test}`, async () => {
      assert.match(await Deno.readTextFile(failure.test), RegExp(`"${code}"`));
    });
    continue;
  }
  const { speaker, status, reason, says, provoke } = failure;
  const name = `${code} is a ${status} of the ${speaker}, counted as ${reason}`;
  // Other systems have other errors for a missing route.
  const ignore = code === "unreachable" && Deno.build.os !== "linux";
  Deno.test({ name, ignore }, async () => {
    await using stack = new AsyncDisposableStack();

    const { system, page } = await provoke(stack);

    await within(untilCounted(system, failure), `${reason} in the metrics`);
    if (page === undefined) return;
    const [line = ""] = page.text.split("\n");
    const [, who, words = ""] =
      /^sallyport (client|server): (.*)$/.exec(line) ??
        [];
    assert.equal(page.status, status, page.text);
    assert.equal(who, speaker);
    assert.match(words, says);
    assert.equal(page.error, `${reason} ${words}`);
    assert.equal(page.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(page.get("cache-control"), "no-store");
    assert.equal(
      page.get("proxy-authenticate"),
      status === 407 ? 'Basic realm="sallyport"' : undefined,
    );
  });
}

Deno.test("a refusal of the upstream proxy is passed on as it is, and is not counted as our failure", async () => {
  await using proxy = new TcpServer(async (conn) => {
    await conn.read(new Uint8Array(4096));
    await conn.write(new TextEncoder().encode(
      "HTTP/1.1 418 Teapot\r\nX-Pot: yes\r\nContent-Length: 6\r\n\r\nteapot",
    ));
  });
  await using system = await runningSystem({
    client: {
      upstreamProxy: parseUpstreamProxy(`127.0.0.1:${proxy.port}`),
      apiAddress: { hostname: "127.0.0.1", port: 0 },
    },
  });
  const { username, password } = system.credentials;
  const { port } = system.proxyAddress;
  const browser = { port, credentials: `${username}:${password}` };

  // Of a CONNECT, of TLS that the client makes itself, and of a whole request.
  for (
    const page of [
      await connectTo("shop.test:443", browser),
      await get("https://shop.test/", browser),
      await get("http://shop.test/", browser),
    ]
  ) {
    assert.deepEqual(
      [page.status, page.text, page.get("x-pot"), page.error],
      [418, "teapot", "yes", undefined],
    );
  }
  const answer = await fetch(new URL("/metrics", system.client.apiUrl));
  const errors = parseMetrics(await answer.text())
    .get("sallyport_proxy_errors_total");
  assert.deepEqual(errors?.samples, []);
});
