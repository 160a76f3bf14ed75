/**
 * A WebSocket endpoint (RFC 6455) that sends back every message: just enough
 * of the protocol to be talked to by browsers.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { OriginExchange } from "./origin_exchange.ts";

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

interface Frame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** Answers the upgrade and echoes until the peer closes. */
export async function echoWebSocket(exchange: OriginExchange): Promise<void> {
  const key = exchange.get("sec-websocket-key");
  if (key === undefined) {
    return await exchange.answer(426, { fields: [["Upgrade", "websocket"]] });
  }
  await exchange.writeHead(101, [
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    [
      "Sec-WebSocket-Accept",
      createHash("sha1").update(key + ACCEPT_SUFFIX).digest("base64"),
    ],
  ]);
  for (;;) {
    const frame = await readFrame(exchange);
    if (frame.opcode === PONG) continue;
    const opcode = frame.opcode === PING ? PONG : frame.opcode;
    await writeFrame(exchange, { ...frame, opcode });
    if (opcode === CLOSE) return;
  }
}

async function readFrame({ scanner }: OriginExchange): Promise<Frame> {
  const [first = 0, second = 0] = await scanner.readExactly(2);
  let length = second & 0x7f;
  if (length >= 126) {
    const bytes = await scanner.readExactly(length === 126 ? 2 : 8);
    length = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  }
  const isMasked = (second & 0x80) !== 0;
  if (!isMasked) throw new Error("A client must mask its frames");
  const mask = await scanner.readExactly(4);
  const payload = await scanner.readExactly(length);
  return {
    isFinal: (first & 0x80) !== 0,
    opcode: first & 0x0f,
    payload: payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)),
  };
}

async function writeFrame(
  exchange: OriginExchange,
  { isFinal, opcode, payload }: Frame,
): Promise<void> {
  const head = [(isFinal ? 0x80 : 0) | opcode];
  const { byteLength } = payload;
  if (byteLength < 126) head.push(byteLength);
  else if (byteLength < 65_536) {
    head.push(126, byteLength >>> 8, byteLength & 0xff);
  } else {
    const size = new Uint8Array(8);
    new DataView(size.buffer).setBigUint64(0, BigInt(byteLength));
    head.push(127, ...size);
  }
  await exchange.write(Uint8Array.from([...head, ...payload]));
}
