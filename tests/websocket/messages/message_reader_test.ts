import assert from "node:assert/strict";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import type { Item } from "../../../src/websocket/messages/message.ts";
import {
  MessageReader,
  type MessageReaderOptions,
} from "../../../src/websocket/messages/message_reader.ts";
import {
  MessageBudget,
  MessageRoom,
} from "../../../src/websocket/messages/message_room.ts";
import { concat } from "../../testing/byte_scanner.ts";
import { patternBytes } from "../../testing/pattern.ts";
import { type RawFrame, rawFrame, sourceOf } from "../raw_frames.ts";

const DEFLATE = { hasNoContext: false, windowBits: 15 };
const EMPTY = new Uint8Array(0);

interface ReadOptions extends Partial<MessageReaderOptions> {
  /** Bytes of one read. */
  readonly size?: number;
}

/** Everything that is read, and how it ends. */
async function readAll(
  bytes: Uint8Array,
  { size, ...options }: ReadOptions = {},
): Promise<{ readonly items: readonly unknown[]; readonly end: unknown }> {
  const reader = new MessageReader(sourceOf(bytes, size), {
    isMasked: false,
    deflate: undefined,
    room: new MessageRoom(new MessageBudget()),
    ...options,
  });
  const items: unknown[] = [];
  try {
    for (;;) {
      const item = await reader.next();
      if (item === undefined) return { items, end: "end" };
      items.push(plain(item));
    }
  } catch (thrown) {
    const isOurs = thrown instanceof Error && "code" in thrown;
    return { items, end: isOurs ? thrown.code : String(thrown) };
  } finally {
    reader.close();
  }
}

/** Without what the writer alone needs. */
function plain(item: Item): unknown {
  return item.kind === "message"
    ? item.data
    : `${item.kind} ${new TextDecoder("latin1").decode(item.payload)}`;
}

/** The cases of the Autobahn test suite that tell readers apart → what is read, and how it ends. */
const CORPUS: Readonly<
  Record<string, readonly [readonly RawFrame[], readonly unknown[], unknown]>
> = {
  "1.1 a text": [[{ opcode: 1, payload: "hi ä" }], ["hi ä"], "end"],
  "1.1.1 an empty text": [[{ opcode: 1 }], [""], "end"],
  "1.2 bytes": [
    [{ opcode: 2, payload: Uint8Array.of(0, 255) }],
    [Uint8Array.of(0, 255)],
    "end",
  ],
  "1.2.1 no bytes": [[{ opcode: 2 }], [EMPTY], "end"],
  "2.1 ping and pong": [
    [{ opcode: 9, payload: "a" }, { opcode: 10, payload: "b" }],
    ["ping a", "pong b"],
    "end",
  ],
  "2.4 a ping of 125 bytes": [
    [{ opcode: 9, payload: "x".repeat(125) }],
    [`ping ${"x".repeat(125)}`],
    "end",
  ],
  "2.5 a ping of 126 bytes": [
    [{ opcode: 9, payload: "x".repeat(126) }],
    [],
    1002,
  ],
  "3.1 RSV1 without an extension": [
    [{ opcode: 1, payload: "a" }, { opcode: 1, reserved: 4 }],
    ["a"],
    1002,
  ],
  "4.1 an opcode without a meaning": [[{ opcode: 3 }], [], 1002],
  "5.1 a ping in two fragments": [
    [{ opcode: 9, isFinal: false }, { opcode: 0 }],
    [],
    1002,
  ],
  "5.3 a text in two fragments": [
    [{ opcode: 1, payload: "a", isFinal: false }, { opcode: 0, payload: "b" }],
    ["ab"],
    "end",
  ],
  "5.6 a ping between two fragments": [
    [
      { opcode: 1, payload: "a", isFinal: false },
      { opcode: 9, payload: "p" },
      { opcode: 0, payload: "b" },
    ],
    ["ping p", "ab"],
    "end",
  ],
  "5.9 a continuation of nothing": [[{ opcode: 0 }], [], 1002],
  "5.12 a continuation of nothing, unfinished": [
    [{ opcode: 0, isFinal: false }],
    [],
    1002,
  ],
  "5.18 a text inside a text": [
    [{ opcode: 1, payload: "a", isFinal: false }, { opcode: 1, payload: "b" }],
    [],
    1002,
  ],
  "6.1 empty fragments": [
    [
      { opcode: 1, isFinal: false },
      { opcode: 0, isFinal: false },
      { opcode: 0 },
    ],
    [""],
    "end",
  ],
  "6.2 a character cut in two": [
    [
      { opcode: 1, payload: Uint8Array.of(0xc3), isFinal: false },
      { opcode: 0, payload: Uint8Array.of(0xa4) },
    ],
    ["ä"],
    "end",
  ],
  "6.3 a surrogate in UTF-8": [
    [{ opcode: 1, payload: Uint8Array.of(0xed, 0xa0, 0x80) }],
    [],
    1007,
  ],
  "6.6 half a character at the end": [
    [{ opcode: 1, payload: Uint8Array.of(0xce) }],
    [],
    1007,
  ],
  "6.12 an overlong NUL": [
    [{ opcode: 1, payload: Uint8Array.of(0xc0, 0x80) }],
    [],
    1007,
  ],
  "6.23 a byte order mark and the replacement character": [
    [{ opcode: 1, payload: "\ufeffa\ufffd" }],
    ["\ufeffa\ufffd"],
    "end",
  ],
  "7.3.1 a close without a code": [[{ opcode: 8 }], ["close "], "end"],
  "7.3.2 a close of one byte": [
    [{ opcode: 8, payload: Uint8Array.of(3) }],
    [],
    1002,
  ],
  "7.5.1 a reason that is not UTF-8": [
    [{ opcode: 8, payload: Uint8Array.of(3, 232, 0xff) }],
    [],
    1002,
  ],
  "a masked frame of a site": [
    [{ opcode: 1, mask: [1, 2, 3, 4] }],
    [],
    1002,
  ],
};

for (const [what, [frames, items, end]] of Object.entries(CORPUS)) {
  Deno.test(`${what}: ${items.length} read, then ${end}`, async () => {
    const bytes = concat(frames.map(rawFrame));

    assert.deepEqual(await readAll(bytes), { items, end });
    assert.deepEqual(await readAll(bytes, { size: 1 }), { items, end });
  });
}

Deno.test("a browser's frame without a mask closes with 1002", async () => {
  const masked = rawFrame({ opcode: 1, payload: "a", mask: [1, 2, 3, 4] });
  const bare = rawFrame({ opcode: 1, payload: "b" });

  const { items, end } = await readAll(concat([masked, bare]), {
    isMasked: true,
  });

  assert.deepEqual([items, end], [["a"], 1002]);
});

Deno.test("close codes are those that may be sent", async () => {
  const accepted: number[] = [];
  for (let code = 0; code <= 5_001; code++) {
    const payload = Uint8Array.of(code >> 8, code & 255);
    const { end } = await readAll(rawFrame({ opcode: 8, payload }));
    if (end === "end") accepted.push(code);
  }

  const named = [1000, 1001, 1002, 1003];
  const others = Array.from({ length: 8 }, (_, at) => 1007 + at);
  const free = Array.from({ length: 2_000 }, (_, at) => 3_000 + at);
  assert.deepEqual(accepted, [...named, ...others, ...free]);
});

Deno.test("what ends inside a frame was cut short", async () => {
  const whole = rawFrame({ opcode: 2, payload: patternBytes(300) });

  for (const cut of [1, 3, 4, 303]) {
    const { end } = await readAll(whole.subarray(0, cut));
    assert.match(String(end), /ends inside a frame/, String(cut));
  }
});

Deno.test("a message of the limit passes, one byte more closes with 1009", async () => {
  const maxMessage = 70_000;
  const passes = rawFrame({ opcode: 2, payload: patternBytes(maxMessage) });
  const half = { payload: patternBytes(maxMessage / 2) };
  const fragments = concat([
    rawFrame({ opcode: 2, isFinal: false, ...half }),
    rawFrame({ opcode: 0, isFinal: false, ...half }),
    rawFrame({ opcode: 0, payload: "x" }),
  ]);
  const announced = Uint8Array.of(0x82, 127, 0x7f, 255, 0, 0, 0, 0, 0, 0);

  const passed = await readAll(passes, { maxMessage });
  const late = await readAll(fragments, { maxMessage });
  const early = await readAll(announced, { maxMessage });

  assert.deepEqual(passed, { items: [patternBytes(maxMessage)], end: "end" });
  assert.deepEqual(late, { items: [], end: 1009 });
  assert.deepEqual(early, { items: [], end: 1009 });
});

Deno.test("compressed bytes count as what they become", async () => {
  const content = new Uint8Array(70_001);
  const payload = deflateRawSync(content, {
    finishFlush: constants.Z_SYNC_FLUSH,
  }).subarray(0, -4);
  const bytes = rawFrame({ opcode: 2, payload, reserved: 4 });
  const options = { deflate: DEFLATE };

  const small = await readAll(bytes, { ...options, maxMessage: 70_000 });
  const large = await readAll(bytes, { ...options, maxMessage: 70_001 });

  assert.deepEqual(small, { items: [], end: 1009 });
  assert.deepEqual(large, { items: [content], end: "end" });
});

Deno.test("RSV1 on a continuation closes with 1002, though messages may be compressed", async () => {
  const bytes = concat([
    rawFrame({ opcode: 1, isFinal: false }),
    rawFrame({ opcode: 0, reserved: 4 }),
  ]);

  assert.deepEqual(
    await readAll(bytes, { deflate: DEFLATE }),
    { items: [], end: 1002 },
  );
});

Deno.test("what is only announced takes little memory", async () => {
  const budget = new MessageBudget();
  const head = rawFrame({ opcode: 2, payload: patternBytes(10_000_000) });

  const { end } = await readAll(head.subarray(0, 100_000), {
    room: new MessageRoom(budget),
  });

  assert.match(String(end), /ends inside a frame/);
  assert.ok(budget.held <= 256 * 1024, String(budget.held));
});

Deno.test("when all messages together have too much, the next closes with 1013", async () => {
  const budget = new MessageBudget(150_000);
  const message = rawFrame({ opcode: 2, payload: patternBytes(60_000) });
  const others = new MessageRoom(budget);

  others.grow(100_000);
  const refused = await readAll(message, { room: new MessageRoom(budget) });
  others.clear();
  const accepted = await readAll(message, { room: new MessageRoom(budget) });

  assert.deepEqual(refused, { items: [], end: 1013 });
  assert.equal(accepted.items.length, 1);
});

/** A message in fragments, with pings between them. */
const message = fc.record({
  data: fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }),
    fc.constantFrom("", "a".repeat(500), patternBytes(70_000)),
  ),
  cuts: fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
  isCompressed: fc.boolean(),
});

Deno.test("messages are read whatever their fragments and reads are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { maxLength: 8 }),
      fc.boolean(),
      fc.constantFrom(1, 7, 1_000, 100_000),
      async (messages, isMasked, size) => {
        const mask = isMasked ? [1, 255, 3, 77] : undefined;
        const deflate = { hasNoContext: true, windowBits: 15 };
        const bytes = concat(messages.flatMap((each) => framesOf(each, mask)));

        const { items, end } = await readAll(bytes, {
          ...{ isMasked, size, deflate },
        });

        assert.equal(end, "end");
        assert.deepEqual(
          items.filter((item) => item !== "ping between"),
          messages.map(({ data }) =>
            typeof data === "string" ? data : Uint8Array.from(data)
          ),
        );
      },
    ),
    { numRuns: 60 },
  );
});

function framesOf(
  { data, cuts, isCompressed }: {
    readonly data: string | Uint8Array;
    readonly cuts: readonly number[];
    readonly isCompressed: boolean;
  },
  mask: readonly number[] | undefined,
): Uint8Array[] {
  const opcode = typeof data === "string" ? 1 : 2;
  const content = typeof data === "string"
    ? new TextEncoder().encode(data)
    : data;
  const payload = isCompressed
    ? deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH })
      .subarray(0, -4)
    : content;
  const places = [0, ...cuts.toSorted((a, b) => a - b), payload.length]
    .map((place) => Math.min(place, payload.length));
  return places.slice(1).flatMap((end, at) => [
    ...at > 0 ? [rawFrame({ opcode: 9, payload: "between", mask })] : [],
    rawFrame({
      opcode: at === 0 ? opcode : 0,
      payload: payload.subarray(places[at], end),
      isFinal: at === places.length - 2,
      reserved: at === 0 && isCompressed ? 4 : 0,
      mask,
    }),
  ]);
}
