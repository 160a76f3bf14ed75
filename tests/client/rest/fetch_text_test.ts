/** @module */
import assert from "node:assert/strict";
import {
  fetchText,
  readText,
  type TextResponse,
  withCallLog,
} from "../../../src/client/rest/fetch_text.ts";
import { textBody } from "../../../src/http/bytes_body.ts";
import { Fields } from "../../../src/http/fields.ts";
import { recordLog } from "../../testing/event_log.ts";
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

/** Origin → where the server is dialled. */
const TARGETS = [
  ["https://lab.test", { hostname: "lab.test", port: 443, secure: true }],
  ["http://lab.test", { hostname: "lab.test", port: 80, secure: false }],
  ["http://lab.test:81", { hostname: "lab.test", port: 81, secure: false }],
  ["https://[::1]:8443", { hostname: "::1", port: 8443, secure: true }],
] as const;

for (const [origin, target] of TARGETS) {
  Deno.test(`${origin} is dialled at port ${target.port}`, async () => {
    const dialled: unknown[] = [];
    const down = new Error("down");
    const { signal } = new AbortController();
    const asked = fetchText({
      ...{ origin, method: "GET", path: "/", fields: [], json: undefined },
      connect: (each) => {
        dialled.push(each);
        return Promise.reject(down);
      },
      signal,
    });
    await assert.rejects(asked, down);
    assert.deepEqual(dialled, [target]);
  });
}

Deno.test("fetchText() closes its connection behind the response", async () => {
  const [near, far] = createMemoryDuplex();
  await far.write(bytesOf("HTTP/1.1 204 x\r\n\r\n"));
  const { text } = await ask(near, new AbortController().signal);
  assert.equal(text, "");
  // The request, and then the end.
  const into = new Uint8Array(4096);
  assert.ok((await far.read(into) ?? 0) > 0);
  assert.equal(await far.read(into), null);
});

Deno.test("fetchText() takes no other protocol", async () => {
  const [near, far] = createMemoryDuplex();
  await far.write(
    bytesOf("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n"),
  );
  await assert.rejects(ask(near, new AbortController().signal));
});

Deno.test("text is put together across pieces", async () => {
  const bytes = new TextEncoder().encode("a€b");
  const pieces = [bytes.subarray(0, 2), bytes.subarray(2)];
  const body = {
    ...textBody(""),
    read(into: Uint8Array) {
      const piece = pieces.shift();
      if (piece === undefined) return Promise.resolve(null);
      into.set(piece);
      return Promise.resolve(piece.length);
    },
  };
  assert.equal(await readText(body), "a€b");
  assert.equal(await readText(undefined), "");
});

Deno.test("text has at most 1 Mi characters", async () => {
  const most = "x".repeat(1024 * 1024);
  assert.equal(await readText(textBody(most)), most);
  await assert.rejects(readText(textBody(`${most}x`)), {
    name: "RangeError",
    message: "The response is over 1048576 characters",
  });
});

Deno.test("calls are logged as the mode says, without secrets in content", async () => {
  await using log = await recordLog();
  const fetch = () =>
    Promise.resolve({ status: 201, fields: new Fields(), text: "{}" });
  assert.equal(withCallLog(fetch), fetch);
  assert.equal(withCallLog(fetch, "none"), fetch);
  const { signal } = new AbortController();
  const { status } = await withCallLog(fetch, "body")({
    ...{ origin: "https://lab.test", method: "POST", path: "/a?b=1" },
    fields: ["Accept", "*/*"],
    json: '{"access_key":"secret"}',
    connect: () => Promise.reject(new Error("unused")),
    signal,
  });
  assert.equal(status, 201);
  assert.equal(log.all.length, 1);
  const line = JSON.stringify(log.all[0]);
  assert.match(line, /https:\/\/lab\.test\/a\?b=1/);
  assert.match(line, /201/);
  assert.match(line, /"request\.accept":"\*\/\*"/);
  assert.doesNotMatch(line, /secret/);
});
