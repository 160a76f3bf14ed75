/** SETTINGS on the wire, setting by setting and at both ends of each range. */
import assert from "node:assert/strict";
import { ErrorCode, Http2Error } from "../../../src/http2/errors.ts";
import {
  decodeSettings,
  encodeSettings,
  type Http2Settings,
  INITIAL_SETTINGS,
  tableSizes,
} from "../../../src/http2/frames/settings.ts";

/** Each setting with another value than at first, its identifier and its bytes. */
const WIRE: readonly (readonly [Partial<Http2Settings>, readonly number[]])[] =
  [
    [{ headerTableSize: 0x01020304 }, [0, 1, 1, 2, 3, 4]],
    [{ enablePush: false }, [0, 2, 0, 0, 0, 0]],
    [{ maxConcurrentStreams: 100 }, [0, 3, 0, 0, 0, 100]],
    [{ initialWindowSize: 0x10000 }, [0, 4, 0, 1, 0, 0]],
    [{ maxFrameSize: 16_385 }, [0, 5, 0, 0, 0x40, 1]],
    [{ maxHeaderListSize: 255 }, [0, 6, 0, 0, 0, 255]],
    [{ enableConnectProtocol: true }, [0, 8, 0, 0, 0, 1]],
  ];

for (const [settings, bytes] of WIRE) {
  Deno.test(`${Object.keys(settings)} is on the wire as RFC 9113 §6.5.2 has it`, () => {
    assert.deepEqual([...encodeSettings(settings)], bytes);
    assert.deepEqual(decode(...bytes), { ...INITIAL_SETTINGS, ...settings });
  });
}

Deno.test("the settings before any frame are those of RFC 9113 §6.5.2", () => {
  assert.deepEqual(INITIAL_SETTINGS, {
    headerTableSize: 4_096,
    enablePush: true,
    maxConcurrentStreams: Infinity,
    initialWindowSize: 65_535,
    maxFrameSize: 16_384,
    maxHeaderListSize: Infinity,
    enableConnectProtocol: false,
  });
});

Deno.test("encodeSettings() writes all that are set, and nothing else", () => {
  const all = Object.assign({}, ...WIRE.map(([settings]) => settings));
  const bytes = WIRE.flatMap(([, each]) => each);

  assert.deepEqual([...encodeSettings(all)], bytes);
  assert.deepEqual(decode(...bytes), all);
  assert.deepEqual([...encodeSettings({})], []);
});

Deno.test("the last value of a setting counts, unknown ones do not", () => {
  const twice = decode(0, 3, 0, 0, 0, 7, 0, 3, 0, 0, 0, 9);
  assert.deepEqual(twice, { ...INITIAL_SETTINGS, maxConcurrentStreams: 9 });
  assert.deepEqual(
    decode(0, 9, 0, 0, 0, 7, 1, 1, 0, 0, 0, 1),
    INITIAL_SETTINGS,
  );
  assert.deepEqual(decode(), INITIAL_SETTINGS);
});

Deno.test("decodeSettings() keeps what the frame does not name, and reads part of a buffer", () => {
  const before = { ...INITIAL_SETTINGS, headerTableSize: 1 };
  const buffer = Uint8Array.of(9, 9, 0, 3, 0, 0, 0, 7, 9);

  const after = decodeSettings(buffer.subarray(2, 8), before);

  assert.deepEqual(after, { ...before, maxConcurrentStreams: 7 });
  assert.equal(before.maxConcurrentStreams, Infinity);
});

Deno.test("values at the ends of their range are taken", () => {
  assert.equal(
    decode(0, 4, 0x7f, 255, 255, 255).initialWindowSize,
    2 ** 31 - 1,
  );
  assert.equal(decode(0, 5, 0, 0, 0x40, 0).maxFrameSize, 16_384);
  assert.equal(decode(0, 5, 0, 255, 255, 255).maxFrameSize, 16_777_215);
  assert.equal(decode(0, 2, 0, 0, 0, 1).enablePush, true);
  assert.equal(decode(0, 8, 0, 0, 0, 0).enableConnectProtocol, false);
});

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR } = ErrorCode;

const REFUSED: readonly (readonly [string, readonly number[], number])[] = [
  ["a window above 2^31 - 1", [0, 4, 0x80, 0, 0, 0], FLOW_CONTROL_ERROR],
  ["frames below 16384", [0, 5, 0, 0, 0x3f, 255], PROTOCOL_ERROR],
  ["frames above 2^24 - 1", [0, 5, 1, 0, 0, 0], PROTOCOL_ERROR],
  ["ENABLE_PUSH 2", [0, 2, 0, 0, 0, 2], PROTOCOL_ERROR],
  ["ENABLE_CONNECT_PROTOCOL 2", [0, 8, 0, 0, 0, 2], PROTOCOL_ERROR],
  ["5 bytes", [0, 3, 0, 0, 0], FRAME_SIZE_ERROR],
  ["7 bytes", [0, 3, 0, 0, 0, 1, 0], FRAME_SIZE_ERROR],
];

for (const [what, bytes, code] of REFUSED) {
  Deno.test(`decodeSettings() refuses ${what}`, () => {
    refused(() => decode(...bytes), code);
  });
}

Deno.test("extended CONNECT cannot be taken back, and can be repeated", () => {
  const before = { ...INITIAL_SETTINGS, enableConnectProtocol: true };
  const change = (value: number) =>
    decodeSettings(Uint8Array.of(0, 8, 0, 0, 0, value), before);

  assert.equal(change(1).enableConnectProtocol, true);
  refused(() => change(0), PROTOCOL_ERROR);
});

Deno.test("a server does not offer pushes", () => {
  const change = (value: number, id = 2) =>
    decodeSettings(Uint8Array.of(0, id, 0, 0, 0, value), INITIAL_SETTINGS, {
      mayEnablePush: false,
    });

  assert.equal(change(0).enablePush, false);
  assert.equal(change(1, 3).maxConcurrentStreams, 1);
  refused(() => change(1), PROTOCOL_ERROR);
});

Deno.test("tableSizes() has each value of the table's size, in order", () => {
  const bytes = [
    ...[0, 1, 1, 2, 3, 4],
    ...[0, 3, 0, 0, 0, 7],
    ...[1, 1, 0, 0, 0, 8],
    ...[0, 1, 0, 0, 0, 9],
  ];
  assert.deepEqual([...tableSizes(Uint8Array.from(bytes))], [0x01020304, 9]);
  assert.deepEqual([...tableSizes(new Uint8Array())], []);
});

function decode(...bytes: readonly number[]): Http2Settings {
  return decodeSettings(Uint8Array.from(bytes), INITIAL_SETTINGS);
}

function refused(work: () => unknown, code: number): void {
  assert.throws(
    work,
    (error) =>
      error instanceof Http2Error && error.code === code &&
      error.scope === "connection",
  );
}
