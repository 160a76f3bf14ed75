/** @module */
import assert from "node:assert/strict";
import { textBody } from "../../src/http/bytes_body.ts";
import { ProxyMetrics } from "../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import type { Handler } from "../../src/http/exchange.ts";
import { logger } from "../../src/log/log.ts";
import { respondToErrors } from "../../src/proxy/errors/error_responses.ts";
import { toProxyError } from "../../src/proxy/errors/to_proxy_error.ts";
import { createForwarder, type Forwarder } from "../../src/proxy/forwarder.ts";
import { ByteScanner, bytesOf, writeAll } from "../testing/byte_scanner.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { contextOf, get } from "./requests.ts";

/** All names are this machine. */
function forwarderToHere(): Forwarder {
  return createForwarder({
    resolve: () =>
      Promise.resolve({ addresses: ["127.0.0.1"], source: "user" }),
    localhost: "allow",
  });
}

/** What browsers see of it. */
function handlerOf({ roundTrip }: Forwarder): Handler {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  return respondToErrors(roundTrip, {
    component: "sallyport client",
    toProxyError,
    metrics: new ProxyMetrics(registry),
    log: logger("proxy"),
  });
}

Deno.test("a request that the origin may have seen is not sent again", async () => {
  await using origin = new TcpServer(async (conn) => {
    await new ByteScanner(conn).readThrough("\r\n\r\n");
  });
  await using forwarder = forwarderToHere();
  const handler = handlerOf(forwarder);

  for (const method of ["GET", "POST"]) {
    const before = origin.accepted;
    const response = await handler({
      ...get(`a.test:${origin.port}`),
      method,
      body: method === "POST" ? textBody("once") : undefined,
    }, contextOf());

    assert.equal(response.status, 502, method);
    assert.equal(origin.accepted - before, 1, method);
  }
});

Deno.test("a request that meets the end of a kept connection is sent again, on a new one", async () => {
  await using origin = new TcpServer(async (conn) => {
    const scanner = new ByteScanner(conn);
    await scanner.readThrough("\r\n\r\n");
    await writeAll(
      conn,
      bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    );
    // The second request on a connection is where it ends.
    await scanner.readThrough("\r\n\r\n");
  });
  await using forwarder = forwarderToHere();
  const handler = handlerOf(forwarder);
  const statuses: number[] = [];

  for (let count = 0; count < 2; count++) {
    const request = get(`a.test:${origin.port}`);
    const response = await handler(request, contextOf());
    assert.equal(response.kind, "response");
    statuses.push(response.status);
  }

  assert.deepEqual(statuses, [200, 200]);
  assert.equal(origin.accepted, 2);
});
