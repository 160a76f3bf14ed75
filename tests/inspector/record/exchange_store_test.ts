import assert from "node:assert/strict";
import type { PlainRequest } from "../../../src/http/exchange.ts";
import { requestOf, responseOf } from "../../plugin/exchanges.ts";
import { Recorded } from "../recorded.ts";

function numbered(number: number): PlainRequest {
  return requestOf(`http://a.test/${number}`);
}

function urlsOf({ store }: Recorded): readonly string[] {
  return store.all.map(({ shownUrl }) => shownUrl.replace("http://a.test", ""));
}

Deno.test("the store has the newest first, and no more than its count", async () => {
  const recorded = new Recorded(() => Promise.resolve(responseOf("a")), {
    count: 3,
  });

  for (let at = 1; at <= 5; at++) await recorded.exchange(numbered(at));

  assert.deepEqual(urlsOf(recorded), ["/5", "/4", "/3"]);
  assert.equal(recorded.store.find("1"), undefined);
});

Deno.test("the store never takes more memory than it may", async () => {
  const memory = 100_000;
  const recorded = new Recorded(
    () => Promise.resolve(responseOf("a".repeat(20_000))),
    { memory, bodyLimit: 20_000 },
  );
  let most = 0;
  using _watch = recorded.store.changes.subscribe(() => {
    most = Math.max(most, recorded.store.size);
  });

  for (let at = 1; at <= 50; at++) await recorded.exchange(numbered(at));

  assert(most <= memory, `${most}`);
  assert.deepEqual(urlsOf(recorded), ["/50", "/49", "/48", "/47"]);
});

Deno.test("fields and URLs count too, and many small exchanges make room", async () => {
  const recorded = new Recorded(() => Promise.resolve(responseOf(undefined)), {
    memory: 100_000,
    count: 1_000_000,
  });
  const fields = ["X-Long", "a".repeat(10_000)];

  for (let at = 1; at <= 100; at++) {
    await recorded.exchange(requestOf(`http://a.test/${at}`, { fields }));
  }

  assert(recorded.store.size <= 100_000);
  assert(recorded.store.all.length < 10);
});

Deno.test("content of an exchange that made room is let go, and no more of it is kept", async () => {
  const recorded = new Recorded(
    () => Promise.resolve(responseOf("a".repeat(4000))),
    { count: 1, bodyLimit: 4000 },
  );
  const response = await recorded.ask(numbered(1));
  if (response.kind !== "response") assert.fail();
  await response.body?.read(new Uint8Array(1000));
  const first = recorded.newest;
  assert.equal(first.responseBody?.memory, 1024);

  await recorded.exchange(numbered(2));
  await response.body?.read(new Uint8Array(3000));

  assert.equal(first.responseBody?.memory, 0);
  assert.equal(first.responseBody?.total, 4000);
  assert.deepEqual(urlsOf(recorded), ["/2"]);
});

Deno.test("an exchange that is too large for all the memory is not kept", async () => {
  const recorded = new Recorded(
    () => Promise.resolve(responseOf("a".repeat(50_000))),
    { memory: 10_000, bodyLimit: 50_000 },
  );

  const response = await recorded.ask(numbered(1));
  if (response.kind !== "response") assert.fail();
  const piece = new Uint8Array(1000);
  while (await response.body?.read(piece) !== null);

  assert.deepEqual([urlsOf(recorded), recorded.store.size], [[], 0]);
});

Deno.test("clear() lets go of everything", async () => {
  const recorded = new Recorded(() => Promise.resolve(responseOf("a")));
  const record = await recorded.exchange(numbered(1));

  recorded.store.clear();

  assert.deepEqual([urlsOf(recorded), recorded.store.size], [[], 0]);
  assert.equal(record.responseBody?.bytes.length, 0);
});
