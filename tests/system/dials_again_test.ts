/**
 * Promise: a site that is not there yet is tried again, and that is counted.
 */
import assert from "node:assert/strict";

import { BrowserConnection, get } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";

/** A port that nothing listens at, until somebody does. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function serveOnce(listener: Deno.TcpListener): Promise<void> {
  using conn = await listener.accept();
  await conn.read(new Uint8Array(4096));
  await conn.write(new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nup\n",
  ));
}

async function retries(apiUrl: string | undefined): Promise<string> {
  const response = await fetch(new URL("/metrics", apiUrl));
  const text = await response.text();
  const [, count = ""] = /^sallyport_dialer_retries_total (\d+)$/m.exec(text) ??
    [];
  return count;
}

Deno.test("a port that opens later is reached on a further attempt", async () => {
  const port = freePort();
  await using system = await runningSystem({
    client: {
      apiAddress: { hostname: "127.0.0.1", port: 0 },
      dial: { attempts: 50, backoff: 50 },
    },
  });
  using browser = await BrowserConnection.open(system.proxy, {
    site: { port },
  });
  const before = await retries(system.client.apiUrl);
  await browser.ask("GET", "/");
  while (await retries(system.client.apiUrl) === before);

  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  const served = serveOnce(listener);
  const answer = await browser.answer();
  await served;

  assert.equal(before, "0");
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "up\n");
});

Deno.test("a port that stays closed costs the attempts that were allowed", async () => {
  const port = freePort();
  await using system = await runningSystem({
    client: {
      apiAddress: { hostname: "127.0.0.1", port: 0 },
      dial: { attempts: 3, backoff: 1 },
    },
  });

  const { status, error } = await get(
    `http://closed.test:${port}/`,
    system.proxy,
  );

  assert.equal(status, 502);
  assert.match(error ?? "", /^net_dial /);
  assert.equal(await retries(system.client.apiUrl), "2");
});
