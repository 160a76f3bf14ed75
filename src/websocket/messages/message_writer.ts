/** Writes messages and control frames, those of several callers one after the other. */
import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { writeAll } from "../../net/stream/copy.ts";
import { Deflater } from "../deflate/deflater.ts";
import type { DeflateDirection } from "../extensions.ts";
import { encodeFrames, type OutgoingFrame } from "../frames/encode_frames.ts";
import { Opcode } from "../frames/frame_head.ts";
import { encodeText, type Item } from "./message.ts";

/** What a writer needs besides its sink. */
export interface MessageWriterOptions {
  /** Whether frames are masked: those to a site, not those to a browser. */
  readonly isMasked: boolean;
  /** How messages may be compressed, if both ends have agreed on that. */
  readonly deflate: DeflateDirection | undefined;
}

/** Writes to one side of a WebSocket. */
export class MessageWriter {
  readonly #sink: ByteWriter;
  readonly #isMasked: boolean;
  readonly #deflater: Deflater | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(sink: ByteWriter, { isMasked, deflate }: MessageWriterOptions) {
    this.#sink = sink;
    this.#isMasked = isMasked;
    this.#deflater = deflate && new Deflater(deflate);
  }

  /**
   * Writes `items` in order. Nothing of other callers comes between them.
   *
   * @returns When the sink has taken them.
   * @throws What the sink throws.
   */
  write(items: readonly Item[]): Promise<void> {
    const written = this.#writeAfter(this.#last, items);
    // Each caller gets the failure of its own items.
    this.#last = written.catch(() => {});
    return written;
  }

  /** Gives its memory back. Nothing is written afterwards. */
  close(): void {
    this.#deflater?.close();
  }

  async #writeAfter(
    last: Promise<void>,
    items: readonly Item[],
  ): Promise<void> {
    await last;
    const frames: OutgoingFrame[] = [];
    for (const item of items) frames.push(await this.#frameOf(item));
    for (const piece of encodeFrames(frames, this.#isMasked)) {
      await writeAll(this.#sink, piece);
    }
  }

  async #frameOf(item: Item): Promise<OutgoingFrame> {
    if (item.kind !== "message") {
      const { kind, payload } = item;
      return { opcode: Opcode[kind], payload, isCompressed: false };
    }
    const { data, encoded } = item;
    const isText = typeof data === "string";
    const content = isText ? encoded ?? encodeText(data) : data;
    const deflater = item.isCompressed ? this.#deflater : undefined;
    return {
      opcode: isText ? Opcode.text : Opcode.binary,
      payload: await deflater?.deflate(content) ?? content,
      isCompressed: deflater !== undefined,
    };
  }
}
