/** Which content of an exchange waits for the rate of its tunnel. */
import assert from "node:assert/strict";
import { TokenBucket } from "../../../src/async/token_bucket.ts";
import { textBody } from "../../../src/http/bytes_body.ts";
import type { PlainRequest, ProxyRequest } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { limitContentRate } from "../../../src/server/proxy/limit_content_rate.ts";
import { contextOf, plain, readBody } from "../../http1/served.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

/** A bucket that says how many bytes were taken. It never waits. */
function bucket() {
  const tokens = new TokenBucket({ burst: 1e9, perSecond: 1e9 }, () => 0);
  let spent = 0;
  const spend = tokens.spend.bind(tokens);
  tokens.spend = (count) => {
    spent += count;
    return spend(count);
  };
  return {
    tokens,
    get spent() {
      return spent;
    },
  };
}

function request(text: string | undefined): PlainRequest {
  return {
    kind: "request",
    method: "POST",
    scheme: "http",
    authority: "a.test",
    path: "/",
    fields: new Fields(),
    body: text === undefined ? undefined : textBody(text),
  };
}

/** Reads what it is sent, and responds with 5 bytes. */
async function respond(asked: ProxyRequest) {
  if (asked.kind === "request" && asked.body !== undefined) {
    await readBody(asked.body);
  }
  return plain(200, "12345");
}

Deno.test("without limits nothing is changed", () => {
  assert.equal(limitContentRate(respond, undefined), respond);
});

Deno.test("content for the client is written, content from it is read", async () => {
  const [read, write] = [bucket(), bucket()];
  const limits = { read: read.tokens, write: write.tokens };
  const response = await limitContentRate(respond, limits)(
    request("abc"),
    contextOf(),
  );
  assert.ok(response.kind === "response" && response.body !== undefined);
  assert.equal(await readBody(response.body), "12345");
  assert.deepEqual([read.spent, write.spent], [5, 3]);
});

Deno.test("a limit of one direction leaves the other one alone", async () => {
  for (const direction of ["read", "write"] as const) {
    const one = bucket();
    const send = limitContentRate(respond, { [direction]: one.tokens });
    const response = await send(request("abc"), contextOf());
    assert.ok(response.kind === "response" && response.body !== undefined);
    await readBody(response.body);
    assert.equal(one.spent, direction === "read" ? 5 : 3);
  }
});

Deno.test("what has no content is passed as it is", async () => {
  const limits = { read: bucket().tokens, write: bucket().tokens };
  const asked = request(undefined);
  const empty = { ...plain(204, ""), body: undefined };
  let seen: ProxyRequest | undefined;
  const send = limitContentRate((sent) => {
    seen = sent;
    return Promise.resolve(empty as never);
  }, limits);
  assert.equal(await send(asked, contextOf()), empty);
  assert.equal(seen, asked);
});

Deno.test("a stream is limited in both directions", async () => {
  const [read, write] = [bucket(), bucket()];
  const [near, far] = createMemoryDuplex();
  const send = limitContentRate(
    () =>
      Promise.resolve({
        ...{ kind: "stream", status: 200, fields: new Fields(), stream: near },
      }),
    { read: read.tokens, write: write.tokens },
  );
  const response = await send(
    {
      ...{ kind: "connect", method: "CONNECT", authority: "a.test:443" },
      fields: new Fields(),
    },
    contextOf(),
  );
  assert.ok(response.kind === "stream");
  await far.write(new Uint8Array(7));
  await response.stream.read(new Uint8Array(100));
  await response.stream.write(new Uint8Array(4));
  assert.deepEqual([read.spent, write.spent], [7, 4]);
  far.close();
  response.stream.close();
});
