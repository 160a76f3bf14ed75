/**
 * Two ends of a connection in memory, with as little room between them as one
 * likes: what works over eight bytes has no hidden idea of where packets end.
 *
 * @module
 */
import type { ByteStream } from "../../src/net/stream/byte_stream.ts";

/** One direction: bytes that were written and not read yet. */
class Channel {
  readonly #room: number;
  #bytes: number[] = [];
  #hasEnded = false;
  #error: Error | undefined;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(room: number) {
    this.#room = room;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#bytes.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#hasEnded) return null;
      await this.#changed.promise;
    }
    const taken = this.#bytes.splice(0, into.length);
    into.set(taken);
    this.#change();
    return taken.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    while (this.#bytes.length >= this.#room || this.#hasEnded) {
      if (this.#error !== undefined || this.#hasEnded) {
        throw this.#error ??
          new Deno.errors.BrokenPipe("Written after the end");
      }
      await this.#changed.promise;
    }
    const part = bytes.subarray(0, this.#room - this.#bytes.length);
    this.#bytes.push(...part);
    this.#change();
    return part.length;
  }

  end(): void {
    this.#hasEnded = true;
    this.#change();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#bytes = [];
    this.end();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** One end of a connection in memory. */
export interface MemoryConn extends ByteStream {
  /** Breaks the connection, as a reset does: both ends see an error. */
  cut(): void;
}

/** A connection in memory that holds up to `room` bytes each way. */
export function createMemoryDuplex(room = 65_536): [MemoryConn, MemoryConn] {
  const there = new Channel(room);
  const back = new Channel(room);
  return [createEnd(back, there), createEnd(there, back)];
}

function createEnd(incoming: Channel, outgoing: Channel): MemoryConn {
  return {
    read: (into) => incoming.read(into),
    write: (bytes) => outgoing.write(bytes),
    closeWrite() {
      outgoing.end();
      return Promise.resolve();
    },
    close() {
      outgoing.end();
      incoming.fail(new Deno.errors.BadResource("Closed here"));
    },
    cut() {
      const error = new Deno.errors.ConnectionReset("Connection reset");
      outgoing.fail(error);
      incoming.fail(error);
    },
  };
}
