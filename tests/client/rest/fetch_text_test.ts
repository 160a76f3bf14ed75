/** @module */
import assert from "node:assert/strict";
import {
  fetchText,
  type TextResponse,
} from "../../../src/client/rest/fetch_text.ts";
import { bytesOf } from "../../testing/byte_scanner.ts";
import { countedSignal } from "../../testing/counted_signal.ts";
import {
  createMemoryDuplex,
  type MemoryConn,
} from "../../testing/memory_duplex.ts";

/** Asks a server in memory. */
function ask(near: MemoryConn, signal: AbortSignal): Promise<TextResponse> {
  return fetchText({
    origin: "https://lab.test:8443",
    method: "GET",
    path: "/a",
    fields: [],
    json: undefined,
    connect: () => Promise.resolve(near),
    signal,
  });
}

Deno.test("fetchText() gives status, fields and text, and leaves nothing on the signal", async () => {
  const [near, far] = createMemoryDuplex();
  const counted = countedSignal();
  await far.write(
    bytesOf("HTTP/1.1 429 x\r\nRetry-After: 5\r\nContent-Length: 2\r\n\r\nhi"),
  );

  const { status, fields, text } = await ask(near, counted.signal);

  assert.deepEqual([status, text], [429, "hi"]);
  assert.equal(fields.get("retry-after"), "5");
  assert.equal(counted.listeners, 0);
});

Deno.test("fetchText() is over when its signal is aborted", async () => {
  const [near] = createMemoryDuplex();
  const giveUp = new AbortController();

  const reply = ask(near, giveUp.signal);
  queueMicrotask(() => giveUp.abort(new Error("enough")));

  await assert.rejects(reply, { message: "enough" });
});
