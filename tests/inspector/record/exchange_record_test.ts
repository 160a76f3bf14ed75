/** What an exchange is remembered by, and how much memory it takes. */
import assert from "node:assert/strict";
import type { ProxyRequest } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { CapturedBody } from "../../../src/inspector/record/captured_body.ts";
import { ExchangeRecord } from "../../../src/inspector/record/exchange_record.ts";
import { requestOf, responseOf, upgradeOf } from "../../plugin/exchanges.ts";

const recordOf = (request: ProxyRequest) =>
  new ExchangeRecord(request, { id: "7", startedAt: 5 });

const CONNECT: ProxyRequest = {
  kind: "connect",
  method: "CONNECT",
  authority: "a.test:443",
  fields: new Fields(),
};

Deno.test("a record has the parts of each kind of request", () => {
  const plain = recordOf(requestOf("https://a.test/b?c=1", { method: "PUT" }));
  const { fields: _fields, ...head } = plain.request;
  assert.deepEqual(head, {
    kind: "request",
    method: "PUT",
    authority: "a.test",
    scheme: "https",
    path: "/b?c=1",
    protocol: undefined,
  });
  assert.equal(plain.url, "https://a.test/b?c=1");
  assert.deepEqual([plain.id, plain.startedAt, plain.replayOf], [
    ...["7", 5, undefined],
  ]);
  const upgrade = recordOf(upgradeOf("http://a.test/"));
  assert.equal(upgrade.request.protocol, "websocket");
  const connect = recordOf(CONNECT);
  assert.equal(connect.url, "a.test:443");
  assert.deepEqual([connect.request.scheme, connect.request.path], [
    ...[undefined, undefined],
  ]);
});

Deno.test("OPTIONS for the whole server is shown with a path", () => {
  const request = requestOf("http://a.test/", { method: "OPTIONS" });
  assert.equal(recordOf({ ...request, path: "*" }).url, "http://a.test/*");
});

Deno.test("secrets of the URL are not shown", () => {
  const record = recordOf(requestOf("http://a.test/?token=s3cr3t"));
  assert.match(record.url, /s3cr3t/);
  assert.doesNotMatch(record.shownUrl, /s3cr3t/);
});

Deno.test("later changes to the fields are not part of the record", () => {
  const request = requestOf("http://a.test/");
  const response = responseOf("a", { status: 404 });
  const record = recordOf(request);
  const recorded = () => record.response;
  assert.equal(recorded(), undefined);
  record.setResponse(response);
  request.fields.set("X-A", "1");
  response.fields.set("X-B", "1");
  assert.equal(record.request.fields.has("x-a"), false);
  assert.equal(recorded()?.fields.has("x-b"), false);
  assert.equal(recorded()?.status, 404);
});

Deno.test("only the first end counts", () => {
  const record = recordOf(requestOf("http://a.test/"));
  assert.equal(record.end, undefined);
  const before = record.duration;
  assert.ok(before >= 0 && record.duration >= before);
  record.setEnd("cut");
  const { duration } = record;
  record.setEnd("whole");
  assert.equal(record.end, "cut");
  const started = performance.now();
  while (performance.now() - started < 1);
  assert.equal(record.duration, duration);
});

Deno.test("its size counts URL, fields and response", () => {
  const bare = recordOf(requestOf("http://a.test/"));
  assert.equal(bare.size, 2_048 + 2 * "http://a.test/".length);
  const longer = recordOf(requestOf("http://a.test/b"));
  assert.equal(longer.size - bare.size, 2);
  const named = recordOf(
    requestOf("http://a.test/", { fields: ["X-A", "1234", "X-B", ""] }),
  );
  assert.equal(named.size - bare.size, 2 * 64 + 3 + 4 + 3);
  bare.setResponse(responseOf("a", { fields: ["X-A", "1"] }));
  assert.equal(bare.size, longer.size - 2 + 64 + 4);
});

Deno.test("what was received is of the flow, or of the content", () => {
  const record = recordOf(requestOf("http://a.test/"));
  assert.equal(record.received, 0);
  const body = () => {
    const captured = new CapturedBody(9, { onGrow() {} });
    captured.onPiece(new Uint8Array(5));
    return captured;
  };
  record.requestBody = body();
  record.responseBody = body();
  assert.equal(record.received, 5);
  record.discardBodies();
  assert.deepEqual(
    [record.requestBody.memory, record.responseBody.memory],
    [0, 0],
  );
  record.flow = { sent: 1, received: 2 };
  assert.equal(record.received, 2);
});

Deno.test("the time of an exchange is that of its phases", () => {
  const record = recordOf(requestOf("https://a.test/"));
  const phases = (): ExchangeRecord["phases"] => record.phases;
  assert.deepEqual(phases(), {});
  record.notePhase("dns", 1);
  record.notePhase("connect", 2);
  // A second attempt.
  record.notePhase("connect", 3);
  assert.deepEqual(phases(), { dns: 1, connect: 5 });

  record.setResponse(responseOf("a"));
  record.setEnd("whole");

  const { wait = -1, download = -1, ...steps } = phases();
  assert.deepEqual(steps, { dns: 1, connect: 5 });
  assert.ok(wait >= 0 && download >= 0, `${wait} ${download}`);
});
