/** @module */
import assert from "node:assert/strict";
import { requestText, type TextReply } from "../../src/client/request_text.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import { countedSignal } from "../testing/counted_signal.ts";
import {
  createMemoryDuplex,
  type MemoryConn,
} from "../testing/memory_duplex.ts";

/** Asks a server in memory. */
function ask(near: MemoryConn, signal: AbortSignal): Promise<TextReply> {
  return requestText({
    origin: "https://lab.test:8443",
    method: "GET",
    path: "/a",
    fields: [],
    json: undefined,
    connect: () => Promise.resolve(near),
    signal,
  });
}

Deno.test("requestText() gives status and text, and leaves nothing on the signal", async () => {
  const [near, far] = createMemoryDuplex();
  const counted = countedSignal();
  await far.write(
    bytesOf("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nhi"),
  );

  const reply = await ask(near, counted.signal);

  assert.deepEqual([reply.status, reply.text], [201, "hi"]);
  assert.equal(counted.listeners, 0);
});

Deno.test("requestText() is over when its signal is aborted", async () => {
  const [near] = createMemoryDuplex();
  const given = new AbortController();

  const reply = ask(near, given.signal);
  queueMicrotask(() => given.abort(new Error("enough")));

  await assert.rejects(reply);
});
