/** @module */
import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { bytesBody } from "../../../src/http/bytes_body.ts";
import type { Handler, PlainResponse } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { logger } from "../../../src/log/log.ts";
import { ProxyMetrics } from "../../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../../src/metrics/registry.ts";
import { respondToErrors } from "../../../src/proxy/errors/error_responses.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import { toProxyError } from "../../../src/proxy/errors/to_proxy_error.ts";
import { contextOf, get } from "../requests.ts";

/** `handler` with responses to its errors, and what is reported of them. */
function observe(handler: Handler): {
  readonly handler: Handler;
  metric(name: string): Promise<string[]>;
} {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  const metrics = new ProxyMetrics(registry);
  return {
    handler: respondToErrors(handler, {
      ...{ component: "sallyport client", toProxyError, metrics },
      log: logger("proxy"),
    }),
    async metric(name) {
      const lines = (await registry.metrics()).split("\n");
      return lines.filter((line) => line.startsWith(`sallyport_${name}{`));
    },
  };
}

/** Collects the log lines while `run` runs. */
async function logOf(
  run: () => Promise<unknown>,
): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => records.push(record) },
    loggers: [
      { category: "sallyport", sinks: ["memory"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  try {
    await run();
  } finally {
    await reset();
  }
  return records;
}

const OK: PlainResponse = {
  kind: "response",
  status: 200,
  fields: new Fields(),
  body: bytesBody(new Uint8Array(0)),
};

const refusing: Handler = () =>
  Promise.reject(new ProxyError("connectionRefused", "a.test"));

Deno.test("respondToErrors() passes responses on as they are", async () => {
  const { handler } = observe(() => Promise.resolve(OK));

  assert.equal(await handler(get(), contextOf()), OK);
});

Deno.test("respondToErrors() makes a page of what is thrown", async () => {
  const { handler } = observe(refusing);

  const { status, fields } = await handler(get(), contextOf());

  assert.equal(status, 502);
  assert.match(fields.get("X-Sallyport-Error") ?? "", /^net_dial Cannot/);
});

Deno.test("respondToErrors() makes a page of a handler that throws at once", async () => {
  const { handler } = observe(() => {
    throw new RangeError("odd");
  });

  assert.equal((await handler(get(), contextOf())).status, 500);
});

Deno.test("respondToErrors() counts responses, failures and running requests", async () => {
  const gate = Promise.withResolvers<PlainResponse>();
  const { handler, metric } = observe(({ authority }, context) =>
    authority === "wait.test" ? gate.promise : refusing(get(), context)
  );

  const waiting = handler(get("wait.test"), contextOf());
  await handler(get(), contextOf());

  assert.deepEqual(await metric("http_requests_in_flight"), [
    'sallyport_http_requests_in_flight{method="GET"} 1',
  ]);
  gate.resolve(OK);
  await waiting;
  assert.deepEqual(await metric("http_requests_in_flight"), [
    'sallyport_http_requests_in_flight{method="GET"} 0',
  ]);
  assert.deepEqual(await metric("http_requests_total"), [
    'sallyport_http_requests_total{code="502",method="GET"} 1',
    'sallyport_http_requests_total{code="200",method="GET"} 1',
  ]);
  assert.deepEqual(await metric("proxy_errors_total"), [
    'sallyport_proxy_errors_total{reason="net_dial"} 1',
  ]);
});

Deno.test("respondToErrors() blames nobody but the browser when it is gone", async () => {
  const { handler, metric } = observe(refusing);
  const gone = contextOf(AbortSignal.abort());

  const log = await logOf(() => handler(get(), gone));

  assert.deepEqual(await metric("proxy_errors_total"), [
    'sallyport_proxy_errors_total{reason="request_ctx_canceled"} 1',
  ]);
  assert.deepEqual(log.map(({ level }) => level), ["debug", "debug"]);
});

Deno.test("respondToErrors() logs a failure with what is needed to find it", async () => {
  const { handler } = observe(refusing);

  const log = await logOf(() => handler(get("a.test"), contextOf()));

  const failure = log.find(({ level }) => level === "info");
  assert.deepEqual(failure?.properties, {
    id: "1-1",
    method: "GET",
    host: "a.test",
    status: 502,
    reason: "net_dial",
    error: 'Cannot connect to "a.test": nothing listens there',
  });
});

Deno.test("respondToErrors() logs one line per exchange at level debug", async () => {
  const { handler } = observe(() => Promise.resolve(OK));

  const log = await logOf(() => handler(get("a.test"), contextOf()));

  assert.deepEqual(log.map(({ level }) => level), ["debug"]);
  const { duration, ...properties } = log[0]?.properties ?? {};
  assert.match(String(duration), /^\d+\.\dms$/);
  assert.deepEqual(properties, {
    id: "1-1",
    method: "GET",
    host: "a.test",
    status: 200,
  });
});
