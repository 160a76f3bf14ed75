/** The lines that requests leave in the log, as they are wanted. */
import assert from "node:assert/strict";
import { textBody } from "../../src/http/bytes_body.ts";
import type { Handler, PlainResponse } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { logger } from "../../src/log/log.ts";
import { logExchanges } from "../../src/proxy/log_exchanges.ts";
import { readBody } from "../http1/served.ts";
import { type RecordedLog, recordLog } from "../testing/event_log.ts";
import { connect, contextOf, get } from "./requests.ts";

const log = logger("proxy");

/** Reads the request's content, and responds. */
function site(text: string | undefined, status = 200): Handler {
  return async (request) => {
    if (request.kind === "request" && request.body !== undefined) {
      await readBody(request.body);
    }
    return {
      ...{ kind: "response", status },
      fields: new Fields(["Content-Type", "text/plain", "X-B", "2"]),
      body: text === undefined ? undefined : textBody(text),
    };
  };
}

function post(text: string) {
  return {
    ...get("a.test:81"),
    method: "POST",
    path: "/x",
    fields: new Fields(["Content-Type", "text/plain", "X-A", "1"]),
    body: textBody(text),
  };
}

function lineOf(recorded: RecordedLog): string {
  assert.equal(recorded.all.length, 1);
  return JSON.stringify(recorded.all[0]);
}

Deno.test("nothing is logged where nothing is wanted", () => {
  const handler = site("");
  assert.equal(logExchanges(handler, "none", log), handler);
});

Deno.test("a line has who asked for what, and how it went", async () => {
  await using recorded = await recordLog();
  const context = { ...contextOf(), user: "ann", job: "j1" };
  await logExchanges(site("", 404), "url", log)(post("sent"), context);
  const line = lineOf(recorded);
  assert.match(line, /POST http:\/\/a\.test:81\/x/);
  for (const part of ['"1-1"', '"ann"', '"j1"', "404"]) {
    assert.ok(line.includes(part), `${part} in ${line}`);
  }
  assert.doesNotMatch(line, /sent|x-a/i);
});

Deno.test("CONNECT is logged by its authority", async () => {
  await using recorded = await recordLog();
  const tunnel = connect("a.test:443");
  await logExchanges(site(undefined), "url", log)(tunnel, contextOf());
  assert.match(lineOf(recorded), /CONNECT a\.test:443"/);
});

Deno.test("fields are logged when they are wanted", async () => {
  await using recorded = await recordLog();
  await logExchanges(site(""), "headers", log)(post("sent"), contextOf());
  const line = lineOf(recorded);
  assert.match(line, /x-a":"1"/i);
  assert.match(line, /x-b":"2"/i);
  assert.doesNotMatch(line, /sent/);
});

Deno.test("content is logged once all of it has passed", async () => {
  await using recorded = await recordLog();
  const handler = logExchanges(site("received"), "body", log);
  const response = await handler(post("sent"), contextOf()) as PlainResponse;
  assert.deepEqual(recorded.all.length, 0);
  assert.ok(response.body);
  assert.equal(await readBody(response.body), "received");
  const line = lineOf(recorded);
  assert.match(line, /sent/);
  assert.match(line, /received/);
});

Deno.test("content that is given up is logged as far as it went", async () => {
  await using recorded = await recordLog();
  const handler = logExchanges(site("received"), "body", log);
  const response = await handler(post("sent"), contextOf()) as PlainResponse;
  await response.body?.read(new Uint8Array(4));
  response.body?.cancel();
  const line = lineOf(recorded);
  assert.match(line, /rece/);
  assert.doesNotMatch(line, /received/);
});

Deno.test("a response without content is logged at once", async () => {
  await using recorded = await recordLog();
  const handler = logExchanges(site(undefined, 204), "body", log);
  await handler(post("sent"), contextOf());
  assert.match(lineOf(recorded), /sent/);
});

Deno.test("a handler that fails leaves no line", async () => {
  await using recorded = await recordLog();
  const failure = new Error("reset");
  for (const mode of ["url", "body"] as const) {
    const handler = logExchanges(() => Promise.reject(failure), mode, log);
    await assert.rejects(handler(get(), contextOf()), failure);
  }
  assert.equal(recorded.all.length, 0);
});
