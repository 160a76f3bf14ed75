/**
 * Promise: content of a request that stops arriving ends with 408 while there
 * is no response: at the proxy, and where TLS is opened, in HTTP/1.1 and in
 * HTTP/2. An upload that goes on, however slowly, is not cut.
 */
import assert from "node:assert/strict";
import { bytesOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { openHttp1Browser, openHttp2Browser } from "../testing/intercepted.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { USER } from "../testing/user.ts";

const TIMEOUT = 100;
/** Pieces of an upload that takes longer than the limit in all. */
const PIECES = 10;

/** A system whose limit is short. */
function systemWith(
  requestBodyTimeout: number,
  { trusted = [] }: { readonly trusted?: readonly string[] } = {},
): Promise<RunningSystem> {
  return runningSystem({
    server: { requestBodyTimeout },
    client: { tlsResignDomains: ["^origin"] },
    trusted,
  });
}

/** How often the server has counted it. */
async function timeoutsOf({ server }: RunningSystem): Promise<number> {
  using client = Deno.createHttpClient({ caCerts: [server.ca?.pem ?? ""] });
  const answer = await fetch(new URL("/metrics", server.url), {
    client,
    headers: { Authorization: `Basic ${btoa(`${USER.name}:${USER.key}`)}` },
  });
  const errors = parseMetrics(await answer.text())
    .get("sallyport_proxy_errors_total")?.samples ?? [];
  return errors.find(({ labels }) => labels.reason === "request_timeout")
    ?.value ?? 0;
}

Deno.test("an upload that stops gets 408", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith(TIMEOUT);
  using browser = await BrowserConnection.open(system.proxy, {
    site: { port: origin.port },
  });

  await browser.raw.send(
    browser.head("POST", "/digest", [["Content-Length", "10"]]) + "12345",
  );
  const answer = await browser.answer();

  assert.equal(answer.status, 408);
  assert.match(answer.get("x-sallyport-error") ?? "", /^request_timeout /);
  assert.match(
    await answer.text(),
    /Cannot send the request to "origin\.test:\d+": the browser stopped sending its content, /,
  );
  assert.equal(await timeoutsOf(system), 1);
});

Deno.test("an upload that stops inside TLS gets 408 in HTTP/1.1", async () => {
  await using origin = await startOrigin("https", ["origin.test"]);
  await using system = await systemWith(TIMEOUT, {
    trusted: [origin.ca ?? ""],
  });
  const authority = `origin.test:${origin.port}`;
  using inside = await openHttp1Browser(system, authority);

  await inside.send(
    `POST /digest HTTP/1.1\r\nHost: ${authority}\r\n` +
      "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
  );

  assert.match(await inside.readHead(), /^HTTP\/1\.1 408 /);
});

Deno.test("an upload that stops inside TLS gets 408 in HTTP/2, and other requests go on", async () => {
  await using origin = await startOrigin("https", ["origin.test"]);
  await using system = await systemWith(TIMEOUT, {
    trusted: [origin.ca ?? ""],
  });
  const authority = `origin.test:${origin.port}`;
  await using client = await openHttp2Browser(system, authority);
  const fields = (method: string, path: string) => [
    ...[":method", method, ":scheme", "https", ":path", path],
    ...[":authority", authority],
  ];

  const upload = await client.request(fields("POST", "/digest"));
  await upload.write(bytesOf("12345"));
  const answer = await within(upload.response, "the response");
  assert.deepEqual(answer.fields.slice(0, 2), [":status", "408"]);
  upload.close();
  const next = await client.request(fields("GET", "/bytes/5"), {
    endStream: true,
  });

  const { fields: got } = await within(next.response, "the next response");
  assert.deepEqual(got.slice(0, 2), [":status", "200"]);
  next.close();
});

Deno.test("an upload that goes on slowly is not cut", async () => {
  await using origin = await startOrigin();
  // Ten times what one piece may take.
  await using system = await systemWith(2_000);
  using browser = await BrowserConnection.open(system.proxy, {
    site: { port: origin.port },
  });
  await browser.raw.send(
    browser.head("POST", "/digest", [["Content-Length", `${PIECES}`]]),
  );

  const startedAt = performance.now();
  for (let n = 0; n < PIECES; n++) {
    await browser.raw.send("x");
    await new Promise((done) => setTimeout(done, 250));
  }

  const answer = await browser.answer();
  assert(performance.now() - startedAt > 2_000);
  assert.equal(answer.status, 200);
});

Deno.test("an upload may pause once it has its response", async () => {
  const paused = Promise.withResolvers<void>();
  await using site = startSite(async ({ conn, scanner }) => {
    await conn.write(
      bytesOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    );
    const sent = await scanner.readExactly(10);
    await conn.write(bytesOf(`a\r\n${new TextDecoder().decode(sent)}\r\n`));
    await conn.write(bytesOf("0\r\n\r\n"));
  });
  await using system = await systemWith(TIMEOUT);
  using browser = await BrowserConnection.open(system.proxy, { site });
  await browser.raw.send(
    browser.head("POST", "/", [["Content-Length", "10"]]) + "12345",
  );
  const answer = await browser.answer();
  assert.equal(answer.status, 200);

  setTimeout(paused.resolve, 5 * TIMEOUT);
  await paused.promise;
  await browser.raw.send("67890");

  assert.equal(await answer.text(), "1234567890");
});

Deno.test("without a limit an upload may pause for ever", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith(0);
  using browser = await BrowserConnection.open(system.proxy, {
    site: { port: origin.port },
  });
  await browser.raw.send(
    browser.head("POST", "/digest", [["Content-Length", "2"]]) + "1",
  );
  await new Promise((done) => setTimeout(done, 3 * TIMEOUT));
  await browser.raw.send("2");

  assert.equal((await browser.answer()).status, 200);
});
