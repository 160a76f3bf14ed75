/** Which responses a request gets, and how much content they have. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../../src/http2/errors.ts";
import { PendingResponse } from "../../../src/http2/stream/pending_response.ts";

for (
  const [method, status, contentLength] of [
    ["GET", "200", 5],
    ["HEAD", "200", 0],
    ["GET", "204", 0],
    ["GET", "304", 0],
    ["CONNECT", "200", undefined],
    ["CONNECT", "299", undefined],
    ["CONNECT", "300", 5],
    ["CONNECT", "407", 5],
  ] as const
) {
  Deno.test(`${status} to ${method} has content of ${contentLength} bytes`, () => {
    const pending = new PendingResponse(method);
    const fields = [":status", status, "content-length", "5"];

    assert.deepEqual(pending.receive(fields, false), { contentLength });

    assert.equal(pending.isPending, false);
  });
}

Deno.test("content of a length that is not said is not known", () => {
  assert.deepEqual(
    new PendingResponse("GET").receive([":status", "200"], false),
    {
      contentLength: undefined,
    },
  );
});

Deno.test("a thousand interim responses may come before the final one, and no more", () => {
  const pending = new PendingResponse("GET");
  for (let count = 0; count < 1000; count++) {
    assert.equal(pending.receive([":status", "103"], false), "interim");
    assert.equal(pending.isPending, true);
  }

  assert.throws(() => pending.receive([":status", "103"], false), {
    name: "Http2Error",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    scope: "stream",
    message: /more than 1000 interim responses/,
  });
});

Deno.test("an interim response does not end its stream", () => {
  assert.throws(
    () => new PendingResponse("GET").receive([":status", "103"], true),
    { code: ErrorCode.PROTOCOL_ERROR, scope: "stream" },
  );
});

Deno.test("a response that fails fails those who wait for it, and nobody else", async () => {
  const [ignored, awaited] = [0, 1].map(() => new PendingResponse("GET"));
  const failure = new Error("reset");

  ignored?.fail(failure);
  awaited?.fail(failure);

  await assert.rejects(awaited?.response ?? assert.fail(), failure);
});

Deno.test("a response is given to those who wait for it", async () => {
  const pending = new PendingResponse("GET");
  const response = { fields: [":status", "204"], endStream: true };

  pending.resolve(response);

  assert.equal(await pending.response, response);
});

Deno.test("a response that fails and that nobody reads harms nothing", async () => {
  new PendingResponse("GET").fail(new Error("reset"));
  // An unhandled rejection would end the program in the next turn of its loop.
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 0);
  await promise;
});
