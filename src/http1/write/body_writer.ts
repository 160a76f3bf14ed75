/**
 * Bodies on their way out: read straight into the output buffer, behind the
 * head, and written when nothing more is there at once.
 *
 * @module
 */
import type { Body } from "../../http/exchange.ts";
import { allowedTrailers } from "../../http/trailers.ts";
import type { SentFraming } from "./header_writer.ts";
import { type OutputBuffer, WriteError } from "./output_buffer.ts";

/** `1ffff` and CR LF: the longest chunk line that the output buffer has room for. */
const CHUNK_GAP = 7;

/**
 * Turns of the microtask queue after which a piece counts as not there yet.
 * Content in memory comes within these; a socket takes a turn of the event loop.
 */
const SOON = 12;

/**
 * Writes what waits in `out`, then the content of `body`.
 *
 * @throws {WriteError} When the sink fails; otherwise what the body throws.
 * @throws {TypeError} When the body is not as long as its length says.
 */
export async function writeBody(
  out: OutputBuffer,
  body: Body,
  framing: SentFraming,
): Promise<void> {
  try {
    await writeFramed(new BodyWriter(out, body), framing);
  } catch (error) {
    // What came before the failure is sent, so that the other side sees a
    // message that was cut, not a connection on which nothing happened.
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
    // The end of the body may be what frees its connection: ask for it.
    if (await this.#body.read(this.#out.room(0, 1)) !== null) {
      throw wrongLength(length, "more");
    }
  }

  async writeChunked(): Promise<void> {
    while (true) {
      const count = await this.#readInto(CHUNK_GAP, Infinity);
      if (count === null) break;
      this.#out.takeBehind(`${count.toString(16)}\r\n`, count, CHUNK_GAP);
      this.#out.literal("\r\n");
    }
    this.#out.literal("0\r\n");
    for (const [name, value] of allowedTrailers(this.#body.trailers) ?? []) {
      this.#out.field(name, value);
    }
    this.#out.literal("\r\n");
    await this.#flush();
  }

  /** For HTTP/1.0, where nothing tells content that broke off from content that ended (RFC 9112 §8). */
  async writeUntilClose(): Promise<void> {
    while (true) {
      const count = await this.#readInto(0, Infinity);
      if (count === null) break;
      this.#out.take(count);
    }
    await this.#flush();
  }

  /** Reads the next piece; while it is not there, what waits is written. */
  async #readInto(gap: number, most: number): Promise<number | null> {
    if (this.#out.isFull) await this.#flush();
    const room = this.#out.room(gap, most);
    const reading = this.#body.read(room);
    if (this.#out.waiting > 0 && !await this.#comesSoon(reading)) {
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

  async #comesSoon(reading: Promise<unknown>): Promise<boolean> {
    this.#isSettled = false;
    // Also keeps a failure from being unheard if the write fails first.
    reading.then(this.#settle, this.#settle);
    for (let turn = 0; turn < SOON && !this.#isSettled; turn++) await null;
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
