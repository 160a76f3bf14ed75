/** Numbers of streams: whose they are, which are free, and how the last ended. */
import assert from "node:assert/strict";
import type { Stream } from "../../../src/http2/stream/stream.ts";
import { StreamTable } from "../../../src/http2/stream/stream_table.ts";

/** The table looks only at the number. */
const stream = (id: number) => ({ id }) as Stream;

Deno.test("a client takes odd numbers, a server even ones", () => {
  for (
    const [role, ids] of [["client", [1, 3, 5]], ["server", [2, 4, 6]]] as const
  ) {
    const table = new StreamTable(role);
    assert.deepEqual(ids.map(() => table.takeId()), ids);
    assert.equal(table.hasIds, true);
  }
});

Deno.test("only a client begins streams, with odd numbers that rise", () => {
  const table = new StreamTable("server");
  assert.equal(table.lastPeerId, 0);
  assert.equal(table.canBegin(1), true);
  assert.equal(table.canBegin(2), false);
  table.begin(5);
  assert.equal(table.lastPeerId, 5);
  assert.deepEqual([3, 5, 6, 7].map((id) => table.canBegin(id)), [
    ...[false, false, false, true],
  ]);
  assert.equal(new StreamTable("client").canBegin(1), false);
  assert.equal(new StreamTable("client").canBegin(2), false);
});

Deno.test("a number is idle until its side has used it or a higher one", () => {
  const server = new StreamTable("server");
  server.begin(5);
  server.takeId();
  assert.deepEqual([1, 2, 4, 5, 7].map((id) => server.isIdle(id)), [
    ...[false, false, true, false, true],
  ]);
  const client = new StreamTable("client");
  client.takeId();
  assert.deepEqual([1, 2, 3].map((id) => client.isIdle(id)), [
    ...[false, true, true],
  ]);
});

Deno.test("open streams are found, and those that ended are not", () => {
  const table = new StreamTable("server");
  const [first, second] = [stream(1), stream(3)];
  table.add(first);
  table.add(second);
  assert.equal(table.size, 2);
  assert.equal(table.find(3), second);
  assert.equal(table.find(1), first);
  assert.equal(table.find(1), first);
  assert.equal(table.find(5), undefined);
  assert.deepEqual([...table], [first, second]);
  assert.equal(table.endingOf(1), undefined);

  table.remove(1, "resetByPeer");

  assert.equal(table.find(1), undefined);
  assert.equal(table.find(3), second);
  assert.equal(table.size, 1);
  assert.equal(table.endingOf(1), "resetByPeer");
  assert.equal(table.endingOf(3), undefined);
});

Deno.test("the ends of the last 4,096 streams of a side are known", () => {
  const table = new StreamTable("server");
  const ids = Array.from({ length: 4_097 }, (_, at) => 2 * at + 1);
  for (const id of ids) table.remove(id, "resetByPeer");

  assert.equal(table.endingOf(1), undefined);
  assert.equal(table.endingOf(3), "resetByPeer");
  assert.equal(table.endingOf(8_193), "resetByPeer");
  table.remove(3, "ended");
  assert.equal(table.endingOf(3), "ended");
  assert.equal(table.endingOf(2), undefined);
});
