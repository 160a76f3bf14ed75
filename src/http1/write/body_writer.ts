/**
 * Writes bodies. They are read directly into the output buffer, behind the
 * header section, and written when no more is there at once.
 */
import type { Body } from "../../http/exchange.ts";
import { allowedTrailers } from "../../http/trailers.ts";
import type { SentFraming } from "./header_writer.ts";
import { type OutputBuffer, WriteError } from "./output_buffer.ts";

/** `1ffff` and CR LF: the longest chunk line that the output buffer reserves space for. */
const CHUNK_GAP = 7;

/**
 * Turns of the microtask queue to wait for a piece. Content in memory comes
 * within these; a socket takes a turn of the event loop.
 */
const MAX_TURNS = 12;

/**
 * Writes the buffered bytes of `out`, then the content of `body`.
 *
 * @throws {WriteError} When the sink fails; otherwise what the body throws.
 * @throws {TypeError} When the body does not have its declared length.
 */
export async function writeBody(
  out: OutputBuffer,
  body: Body,
  framing: SentFraming,
): Promise<void> {
  try {
    await writeFramed(new BodyWriter(out, body), framing);
  } catch (error) {
    // Bytes before the failure are sent: the other side then sees a message
    // that was cut, not a connection on which nothing happened.
    if (!(error instanceof WriteError)) await out.flush();
    throw error;
  }
}

function writeFramed(writer: BodyWriter, framing: SentFraming): Promise<void> {
  switch (framing.kind) {
    case "length":
      return writer.writeLength(framing.length);
    case "chunked":
      return writer.writeChunked();
    case "close":
      return writer.writeUntilClose();
    case "none":
    case "lengthOnly":
      throw new TypeError("Cannot write a body: the message has no content");
  }
}

/** One body being written. */
class BodyWriter {
  readonly #out: OutputBuffer;
  readonly #body: Body;
  #isSettled = false;
  #wantsMore = false;

  constructor(out: OutputBuffer, body: Body) {
    this.#out = out;
    this.#body = body;
  }

  async writeLength(length: number): Promise<void> {
    for (let left = length; left > 0;) {
      const count = await this.#readInto(0, left);
      if (count === null) throw wrongLength(length, `${length - left}`);
      this.#out.take(count);
      left -= count;
    }
    await this.#flush();
    // The end of the body may be what frees its connection, so it is read.
    if (await this.#body.read(this.#out.room(0, 1)) !== null) {
      throw wrongLength(length, "more");
    }
  }

  async writeChunked(): Promise<void> {
    while (true) {
      const count = await this.#readInto(CHUNK_GAP, Infinity);
      if (count === null) break;
      this.#out.takeWithPrefix(`${count.toString(16)}\r\n`, count, CHUNK_GAP);
      this.#out.literal("\r\n");
    }
    this.#out.literal("0\r\n");
    for (const [name, value] of allowedTrailers(this.#body.trailers) ?? []) {
      this.#out.field(name, value);
    }
    this.#out.literal("\r\n");
    await this.#flush();
  }

  /** For HTTP/1.0, where content that broke off looks like content that ended (RFC 9112 §8). */
  async writeUntilClose(): Promise<void> {
    while (true) {
      const count = await this.#readInto(0, Infinity);
      if (count === null) break;
      this.#out.take(count);
    }
    await this.#flush();
  }

  /** Reads a piece. Buffered bytes are written if it does not come at once. */
  async #readInto(gap: number, most: number): Promise<number | null> {
    if (this.#out.isFull) await this.#flush();
    const room = this.#out.room(gap, most);
    const reading = this.#body.read(room);
    if (this.#out.waiting > 0 && !await this.#settlesSoon(reading)) {
      await this.#out.flush();
    }
    const count = await reading;
    this.#wantsMore ||= count === room.length && count < most;
    return count;
  }

  async #flush(): Promise<void> {
    await this.#out.flush();
    if (this.#wantsMore) this.#out.enlarge();
    this.#out.rewind();
  }

  async #settlesSoon(reading: Promise<unknown>): Promise<boolean> {
    this.#isSettled = false;
    // Also handles a rejection if the write fails first.
    reading.then(this.#settle, this.#settle);
    for (let turn = 0; turn < MAX_TURNS && !this.#isSettled; turn++) await null;
    return this.#isSettled;
  }

  readonly #settle = (): void => {
    this.#isSettled = true;
  };
}

function wrongLength(length: number, got: string): TypeError {
  return new TypeError(
    `Cannot write a body of ${length} bytes: it has ${got}`,
  );
}
