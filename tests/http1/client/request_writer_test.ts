/** One request on its way: with a 100 or without, whole or given up. */
import assert from "node:assert/strict";
import type { Body } from "../../../src/http/exchange.ts";
import { RequestWriter } from "../../../src/http1/client/request_writer.ts";
import { requestOf } from "../../plugin/exchanges.ts";

const HEAD = "POST / HTTP/1.1\r\nHost: a.test\r\n";

/** A writer of a request with the content "abc", and what its owner hears. */
function setUp(
  { fields = [], body, hasBody = true }: {
    readonly fields?: readonly string[];
    readonly body?: Partial<Body>;
    readonly hasBody?: boolean;
  } = {},
) {
  const heard: string[] = [];
  let written = "";
  let isRead = false;
  const content: Body = {
    length: 3,
    trailers: undefined,
    read(into) {
      if (isRead) return Promise.resolve(null);
      isRead = true;
      into.set([97, 98, 99]);
      return Promise.resolve(3);
    },
    cancel: () => void heard.push("cancelled"),
    ...body,
  };
  const sink = {
    failure: undefined as Error | undefined,
    write(bytes: Uint8Array) {
      if (sink.failure !== undefined) return Promise.reject(sink.failure);
      written += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const request = requestOf("http://a.test/", {
    ...{ method: "POST", fields },
    body: hasBody ? content : undefined,
  });
  const writer = new RequestWriter(sink, request, {
    onSent: () => heard.push("sent"),
    onBodyFailure: () => heard.push("failed"),
  });
  /** Resolves with whether all was written, when writing has ended. */
  const ended = () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    writer.finishWithin(60_000, resolve);
    return promise;
  };
  return { writer, heard, sink, ended, written: () => written };
}

const EXPECTS = ["Expect", "100-continue"];

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await undefined;
}

Deno.test("a request is written whole", async () => {
  const { writer, heard, ended, written } = setUp();
  assert.equal(writer.isComplete, false);
  writer.start("origin");
  assert.equal(await ended(), true);
  assert.equal(written(), `${HEAD}Content-Length: 3\r\n\r\nabc`);
  assert.deepEqual(heard, ["sent"]);
  assert.deepEqual([writer.isComplete, writer.hasReadBody], [true, true]);
  writer.cancel();
  assert.deepEqual(heard, ["sent"]);
});

Deno.test("a request without content is written, and read by nobody", async () => {
  const { writer, ended, written } = setUp({ hasBody: false });
  writer.start("absolute");
  assert.equal(await ended(), true);
  assert.match(written(), /^POST http:\/\/a\.test\/ HTTP\/1\.1\r\n/);
  assert.equal(writer.hasReadBody, false);
  assert.equal(writer.skipBody(), false);
});

Deno.test("content waits for a 100, and is sent with it", async () => {
  const { writer, ended, written } = setUp({ fields: EXPECTS });
  writer.start("origin");
  await settled();
  assert.match(written(), /\r\n\r\n$/);
  assert.equal(writer.hasReadBody, false);

  writer.continue();
  assert.equal(await ended(), true);
  assert.match(written(), /\r\n\r\nabc$/);
  assert.equal(writer.hasReadBody, true);
});

Deno.test("content is not sent after a response", async () => {
  const { writer, heard, ended, written } = setUp({ fields: EXPECTS });
  writer.start("origin");
  await settled();

  assert.equal(writer.skipBody(), true);
  assert.equal(writer.skipBody(), false);
  writer.continue();

  assert.equal(await ended(), false);
  assert.doesNotMatch(written(), /abc/);
  assert.deepEqual(heard, []);
  assert.equal(writer.hasReadBody, false);
});

Deno.test("content is sent after a second without a 100", async () => {
  const { writer, ended } = setUp({ fields: EXPECTS });
  const startedAt = performance.now();
  writer.start("origin");
  assert.equal(await ended(), true);
  const took = performance.now() - startedAt;
  assert.ok(took >= 950 && took < 1_900, `${took}`);
});

Deno.test("a request that is given up cancels its content, while it waits too", async () => {
  const { writer, heard, ended } = setUp({ fields: EXPECTS });
  writer.start("origin");
  await settled();
  writer.cancel();
  assert.equal(await ended(), false);
  assert.deepEqual(heard, ["cancelled"]);
});

Deno.test("content that fails is reported, with its reason", async () => {
  const cause = new Error("reset");
  const { writer, heard, ended } = setUp({
    body: { read: () => Promise.reject(cause) },
  });
  const failure = () => writer.bodyFailure;
  assert.equal(failure(), undefined);
  writer.start("origin");
  assert.equal(await ended(), false);
  assert.deepEqual(heard, ["failed"]);
  assert.equal(failure()?.cause, cause);
});

Deno.test("a connection that fails is for the reader of the response to tell", async () => {
  const { writer, heard, sink, ended } = setUp();
  sink.failure = new Error("reset");
  writer.start("origin");
  assert.equal(await ended(), false);
  assert.deepEqual(heard, []);
  assert.equal(writer.bodyFailure, undefined);
});

Deno.test("finishWithin() says that the end has not come in time", async () => {
  const { writer } = setUp({
    body: { read: () => Promise.withResolvers<null>().promise },
  });
  writer.start("origin");
  const { promise, resolve } = Promise.withResolvers<boolean>();
  writer.finishWithin(1, resolve);
  assert.equal(await promise, false);
});
