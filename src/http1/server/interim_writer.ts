import { Fields } from "../../http/fields.ts";
import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { putFields, putStatusLine } from "../write/header_writer.ts";
import { OutputBuffer } from "../write/output_buffer.ts";
import type { IncomingRequest } from "./incoming_request.ts";

/** Interim responses of one exchange. Further ones are dropped: they wait in memory for a slow peer. */
const MAX_INTERIM = 64;

const NO_FIELDS = new Fields();

/**
 * Writes interim (1xx) responses: before the final one, in order, and only to
 * peers that know them.
 */
export class InterimWriter {
  readonly #sink: ByteWriter;
  readonly #isHttp10: boolean;
  #needsContinue: boolean;
  #hasEnded = false;
  #count = 0;
  #writing: Promise<void> | undefined;

  constructor(
    sink: ByteWriter,
    { isHttp10, expectsContinue }: Pick<
      IncomingRequest,
      "isHttp10" | "expectsContinue"
    >,
  ) {
    this.#sink = sink;
    this.#isHttp10 = isHttp10;
    this.#needsContinue = expectsContinue;
  }

  /** Whether the peer still waits for a 100. */
  get needsContinue(): boolean {
    return this.#needsContinue;
  }

  /**
   * The handler begins to read the content: sends the 100 that the peer waits
   * for, unless content is already there.
   */
  onContentRead(isThere: boolean): void {
    if (isThere) this.#needsContinue = false;
    if (this.#needsContinue) this.send(100, NO_FIELDS);
  }

  /**
   * Sends an interim response. Has no effect once the final response has begun.
   *
   * @throws {RangeError} When the status is not interim, or is 101.
   * @throws {TypeError} When a field cannot be written.
   */
  send(status: number, fields: Fields): void {
    if (!Number.isInteger(status) || status < 100 || status > 199) {
      throw new RangeError(`Cannot inform with ${status}: it is not 1xx`);
    }
    if (status === 101) {
      throw new RangeError("Cannot inform with 101: respond with a stream");
    }
    if (this.#hasEnded || this.#isHttp10 || this.#count === MAX_INTERIM) return;
    if (status === 100) {
      // One is enough, and only for a peer that waits for it.
      if (!this.#needsContinue) return;
      this.#needsContinue = false;
    }
    this.#count++;
    const out = new OutputBuffer(this.#sink);
    putStatusLine(out, status);
    putFields(out, fields, { kind: "none" });
    out.literal("\r\n");
    this.#writing = this.#write(out, this.#writing);
  }

  /** Sends no more. Returns what to wait for; most exchanges have nothing. */
  end(): Promise<void> | undefined {
    this.#hasEnded = true;
    return this.#writing;
  }

  async #write(
    out: OutputBuffer,
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before;
    try {
      await out.flush();
      out.release();
    } catch {
      // The peer is gone; the final response will notice.
    }
  }
}
