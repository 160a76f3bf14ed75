import assert from "node:assert/strict";
import type { ByteStream } from "../../src/net/stream/byte_stream.ts";
import { streamPair } from "../../src/net/stream/stream_pair.ts";
import { WebSocketError } from "../../src/websocket/errors.ts";
import {
  type End,
  relayMessages,
  type RelayOptions,
} from "../../src/websocket/relay.ts";
import { MessageBudget } from "../../src/websocket/messages/message_room.ts";
import { MessageReader } from "../../src/websocket/messages/message_reader.ts";
import { MessageRoom } from "../../src/websocket/messages/message_room.ts";
import { concat } from "../testing/byte_scanner.ts";
import { until, within } from "../testing/deadline.ts";
import { createMemoryDuplex } from "../testing/memory_duplex.ts";
import { patternBytes } from "../testing/pattern.ts";
import { type RawFrame, rawFrame } from "./raw_frames.ts";

const MASK = [9, 8, 7, 6] as const;

/** One end of a relay in a test. */
class Peer {
  readonly conn: ByteStream;
  readonly #mask: readonly number[] | undefined;
  readonly #reader: MessageReader;

  constructor(end: End, conn: ByteStream) {
    this.conn = conn;
    this.#mask = end === "browser" ? MASK : undefined;
    this.#reader = new MessageReader(conn, {
      isMasked: end === "site",
      deflate: undefined,
      room: new MessageRoom(new MessageBudget()),
    });
  }

  /** Sends frames in one piece. */
  async send(...frames: readonly RawFrame[]): Promise<void> {
    const mask = this.#mask;
    let rest = concat(frames.map((frame) => rawFrame({ mask, ...frame })));
    while (rest.length > 0) {
      rest = rest.subarray(await this.conn.write(rest));
    }
  }

  /** The next item as text: `a`, `ping p`, `close 1000 why`, `end`. */
  async next(): Promise<string> {
    const item = await within(this.#reader.next(), "a message");
    if (item === undefined) return "end";
    if (item.kind === "message") return String(item.data);
    const { payload } = item;
    const text = (from: number): string =>
      new TextDecoder().decode(payload.subarray(from));
    if (item.kind !== "close") return `${item.kind} ${text(0)}`;
    const [high = 0, low = 0] = payload;
    return `close ${high * 256 + low} ${text(2)}`;
  }
}

/** A relay between two ends of a test. */
interface World extends AsyncDisposable {
  readonly browser: Peer;
  readonly site: Peer;
  readonly budget: MessageBudget;
  /** Resolves when the relay has ended. */
  readonly done: Promise<void>;
  /** Why it closed the WebSocket, and who has sent the reason. */
  readonly closed: string[];
  readonly batches: number[];
}

const keep: RelayOptions["edit"] = (batch, from, outlet) =>
  outlet.send(other(from), batch);

function other(end: End): End {
  return end === "browser" ? "site" : "browser";
}

/** @param connect Makes a connection of two ends. */
function startRelay(
  options: Partial<RelayOptions> = {},
  connect: () => readonly [ByteStream, ByteStream] = createMemoryDuplex,
): World {
  const [browserEnd, browser] = connect();
  const [siteEnd, site] = connect();
  const budget = new MessageBudget();
  const closed: string[] = [];
  const batches: number[] = [];
  const { edit = keep } = options;
  const done = relayMessages(browserEnd, siteEnd, {
    deflate: undefined,
    budget,
    onClose: ({ code, message }, from) =>
      closed.push(`${from} ${code} ${message}`),
    ...options,
    edit: (batch, from, outlet) => {
      batches.push(batch.length);
      return edit(batch, from, outlet);
    },
  });
  return {
    browser: new Peer("browser", browser),
    site: new Peer("site", site),
    ...{ budget, closed, batches, done },
    async [Symbol.asyncDispose]() {
      browser.close();
      site.close();
      await within(done, "the relay to end");
    },
  };
}

/** Each message of one end becomes what `change` makes of it, or nothing. */
function editing(
  change: (text: string, from: End) => string | undefined,
): RelayOptions["edit"] {
  return (batch, from, outlet) => {
    const messages = batch.flatMap((message) => {
      const data = change(String(message.data), from);
      return data === undefined
        ? []
        : [{ ...message, data, encoded: undefined }];
    });
    return outlet.send(other(from), messages);
  };
}

Deno.test("messages, pings and a close pass in order, both ways", async () => {
  await using world = startRelay();
  const { browser, site } = world;

  await browser.send(
    { opcode: 1, payload: "one" },
    { opcode: 9, payload: "p" },
    { opcode: 1, payload: "t", isFinal: false },
    { opcode: 10, payload: "q" },
    { opcode: 0, payload: "wo" },
  );
  await site.send({ opcode: 2, payload: "back" });

  assert.equal(await site.next(), "one");
  assert.equal(await site.next(), "ping p");
  assert.equal(await site.next(), "pong q");
  assert.equal(await site.next(), "two");
  assert.equal(await browser.next(), "98,97,99,107");
  await browser.send({ opcode: 8, payload: Uint8Array.of(0x0f, 0xa1, 0x62) });
  assert.equal(await site.next(), "close 4001 b");
  await site.send({ opcode: 8, payload: Uint8Array.of(0x0f, 0xa1, 0x62) });
  assert.equal(await browser.next(), "close 4001 b");
  await site.conn.closeWrite();
  assert.equal(await browser.next(), "end");
  await browser.conn.closeWrite();
  assert.equal(await site.next(), "end");
  await within(world.done, "the relay to end");
  assert.deepEqual(world.closed, []);
});

Deno.test("messages are changed and dropped, each end by itself", async () => {
  await using world = startRelay({
    edit: editing((text, from) =>
      text === "drop" ? undefined : `${from} ${text}`
    ),
  });
  const { browser, site } = world;

  await browser.send(
    { opcode: 1, payload: "a" },
    { opcode: 1, payload: "drop" },
    { opcode: 1, payload: "b" },
  );
  await site.send({ opcode: 1, payload: "c" });

  assert.equal(await site.next(), "browser a");
  assert.equal(await site.next(), "browser b");
  assert.equal(await browser.next(), "site c");
});

Deno.test("small messages that came together are changed together", async () => {
  await using world = startRelay();
  const frames = Array.from({ length: 100 }, (_, at) => ({
    opcode: 1,
    payload: String(at),
  }));

  await world.browser.send(...frames);
  for (let at = 0; at < 100; at++) {
    assert.equal(await world.site.next(), String(at));
  }

  assert.ok(world.batches.length <= 5, world.batches.join());
  assert.ok(Math.max(...world.batches) <= 64, world.batches.join());
});

Deno.test("a message waits for no fragment that comes behind it", async () => {
  await using world = startRelay();

  await world.browser.send(
    { opcode: 1, payload: "whole" },
    { opcode: 1, payload: "half", isFinal: false },
  );

  assert.equal(await world.site.next(), "whole");
});

Deno.test("an edit answers an end, and sends the other what it likes", async () => {
  await using world = startRelay({
    async edit([message], from, outlet) {
      if (message === undefined) return;
      await outlet.send(from, [{
        ...message,
        data: "answer",
        encoded: undefined,
      }]);
      await outlet.send(other(from), [message, message]);
    },
  });

  await world.site.send({ opcode: 1, payload: "a" });

  assert.equal(await world.site.next(), "answer");
  assert.equal(await world.browser.next(), "a");
  assert.equal(await world.browser.next(), "a");
});

Deno.test("a failed edit closes both ends with its code, after what came before", async () => {
  await using world = startRelay({
    async edit(batch, from, outlet) {
      await outlet.send(other(from), batch.slice(0, 1));
      throw new WebSocketError(1011, "a plugin failed");
    },
  });
  const { browser, site } = world;

  await browser.send({ opcode: 1, payload: "a" }, { opcode: 1, payload: "b" });

  assert.equal(await site.next(), "a");
  assert.equal(await site.next(), "close 1011 a plugin failed");
  assert.equal(await site.next(), "end");
  assert.equal(await browser.next(), "close 1011 a plugin failed");
  assert.equal(await browser.next(), "end");
  await browser.conn.closeWrite();
  await site.conn.closeWrite();
  await within(world.done, "the relay to end");
  assert.deepEqual(world.closed, ["browser 1011 a plugin failed"]);
  assert.equal(world.budget.held, 0);
});

Deno.test("an end that breaks the rules is named, and both get the code", async () => {
  await using world = startRelay();
  const { browser, site } = world;

  await site.send({ opcode: 1, payload: "valid" }, { opcode: 3 });

  assert.equal(await browser.next(), "valid");
  assert.equal(await browser.next(), "close 1002 unknown opcode 3");
  assert.equal(await site.next(), "close 1002 unknown opcode 3");
  assert.deepEqual(world.closed, ["site 1002 unknown opcode 3"]);
});

Deno.test("a message that is too large closes with 1009", async () => {
  await using world = startRelay({ maxMessage: 1_000 });

  await world.browser.send({ opcode: 2, payload: patternBytes(1_001) });

  assert.match(await world.browser.next(), /^close 1009 .*1000 bytes/);
  assert.match(await world.site.next(), /^close 1009 /);
});

Deno.test("an end that was closed, and stays, is cut after a while", async () => {
  await using world = startRelay({ maxMessage: 1, closeTimeout: 20 });

  await world.browser.send({ opcode: 2, payload: "ab" });

  await within(world.done, "the relay to end");
});

Deno.test("after a close frame of an end, what it sends has no meaning", async () => {
  await using world = startRelay();
  const { browser, site } = world;

  await browser.send({ opcode: 8 }, { opcode: 3 }, { opcode: 1, payload: "a" });
  await site.send({ opcode: 1, payload: "late" });

  assert.equal(await site.next(), "close 0 ");
  assert.equal(await browser.next(), "late");
  assert.deepEqual(world.closed, []);
});

Deno.test("an end that breaks its connection breaks the other", async () => {
  await using world = startRelay({}, streamPair);
  const { browser, site } = world;

  site.conn.close();

  await assert.rejects(browser.next(), { name: "BrokenPipe" });
  await within(world.done, "the relay to end");
});

Deno.test("an end that stops inside a frame breaks the other", async () => {
  await using world = startRelay({}, streamPair);
  const { browser, site } = world;

  await site.conn.write(Uint8Array.of(0x81, 5, 0x61));
  await site.conn.closeWrite();

  await assert.rejects(browser.next(), { name: "BrokenPipe" });
  await within(world.done, "the relay to end");
});

Deno.test("an aborted signal breaks both", async () => {
  const stop = new AbortController();
  const aborted = Promise.withResolvers<void>();
  await using world = startRelay({
    signal: stop.signal,
    edit: (_batch, _from, { signal }) => {
      signal.addEventListener("abort", () => aborted.resolve());
      stop.abort();
      return aborted.promise;
    },
  }, streamPair);

  await world.browser.send({ opcode: 1, payload: "a" });

  await within(aborted.promise, "the edit to hear of it");
  await within(world.done, "the relay to end");
  await assert.rejects(world.browser.next(), { name: "BrokenPipe" });
  await assert.rejects(world.site.next(), { name: "BrokenPipe" });
});

Deno.test("a slow reader holds its sender back", async () => {
  await using world = startRelay({}, () => createMemoryDuplex(4_096));
  const payload = patternBytes(1_000);
  let sent = 0;
  const sending = (async () => {
    for (; sent < 1_000; sent++) await world.site.send({ opcode: 2, payload });
  })().catch(() => {});

  await until("the sender to stop", stopped(() => sent));
  const held = world.budget.held;
  const before = sent;
  for (let at = 0; at < 1_000; at++) await world.browser.next();
  await within(sending, "the rest");

  assert.ok(before < 100, String(before));
  assert.ok(held < 300_000, String(held));
  assert.equal(world.budget.held <= 17_000, true);
});

/** Tells whether a number has stayed the same for ten looks. */
function stopped(value: () => number): () => boolean {
  let last = -1;
  let same = 0;
  return () => {
    same = value() === last ? same + 1 : 0;
    last = value();
    return same >= 10;
  };
}

Deno.test("what is compressed leaves compressed, under the agreement of its direction", async () => {
  const alone = { hasNoContext: true, windowBits: 15 };
  await using world = startRelay({
    deflate: {
      fromBrowser: alone,
      fromSite: { hasNoContext: false, windowBits: 15 },
    },
    edit: editing((text) => text),
  });
  const { browser, site } = world;
  // "Hello" (RFC 7692 §7.2.3.1).
  const payload = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00);
  const hello = { opcode: 1, reserved: 4, payload };
  const again = { ...hello, payload: Uint8Array.of(0xf2, 0, 0x11, 0, 0) };

  await browser.send(hello, { opcode: 1, payload: "bare" }, hello);
  await site.send(hello, again);

  const toSite = rawFrame({ ...hello, mask: MASK });
  const bare = rawFrame({ opcode: 1, payload: "bare", mask: MASK });
  const atSite = await readBytes(site.conn, toSite.length * 2 + bare.length);
  const atBrowser = await readBytes(browser.conn, 9);
  assert.deepEqual([atSite[0], atSite[13], atSite[23]], [0xc1, 0x81, 0xc1]);
  assert.equal(atBrowser[0], 0xc1);
  await browser.send(again);
  // In that direction no message may refer to another.
  await until("the close", () => world.closed.length > 0);
  assert.match(world.closed.join(), /^browser 1007 /);
});

async function readBytes(conn: ByteStream, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let filled = 0; filled < count;) {
    const read = await within(conn.read(bytes.subarray(filled)), "bytes");
    assert.ok(read !== null, "it has ended");
    filled += read;
  }
  return bytes;
}
