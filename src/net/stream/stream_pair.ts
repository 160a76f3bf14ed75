/**
 * Two ends of a connection inside this process: what is written to one is read
 * from the other. Nothing is kept between them: a write waits for its reader.
 */
import type { ByteStream } from "./byte_stream.ts";

/** Two ends that face each other. Closing one ends the other in order for its reader. */
export type StreamPair = readonly [ByteStream, ByteStream];

/** Makes a pair. */
export function streamPair(): StreamPair {
  const there = new Channel();
  const back = new Channel();
  return [endOf(back, there), endOf(there, back)];
}

function endOf(incoming: Channel, outgoing: Channel): ByteStream {
  return {
    read: (into) => incoming.read(into),
    write: (bytes) => outgoing.write(bytes),
    closeWrite() {
      outgoing.end();
      return Promise.resolve();
    },
    close() {
      outgoing.cut();
      incoming.cut();
    },
  };
}

interface Waiting {
  readonly bytes: Uint8Array;
  readonly settled: PromiseWithResolvers<number>;
}

/** One direction, with at most one writer and one reader who wait for each other. */
class Channel {
  #writer: Waiting | undefined;
  #reader: {
    readonly into: Uint8Array;
    readonly settled: PromiseWithResolvers<number | null>;
  } | undefined;
  #state: "open" | "ended" | "cut" = "open";

  write(bytes: Uint8Array): Promise<number> {
    if (this.#state !== "open") return Promise.reject(gone());
    const reader = this.#reader;
    if (reader === undefined) {
      const settled = Promise.withResolvers<number>();
      this.#writer = { bytes, settled };
      return settled.promise;
    }
    this.#reader = undefined;
    const count = move(bytes, reader.into);
    reader.settled.resolve(count);
    return Promise.resolve(count);
  }

  read(into: Uint8Array): Promise<number | null> {
    const writer = this.#writer;
    if (writer !== undefined) {
      this.#writer = undefined;
      const count = move(writer.bytes, into);
      writer.settled.resolve(count);
      return Promise.resolve(count);
    }
    if (this.#state === "cut") return Promise.reject(gone());
    if (this.#state === "ended") return Promise.resolve(null);
    const settled = Promise.withResolvers<number | null>();
    this.#reader = { into, settled };
    return settled.promise;
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#reader?.settled.resolve(null);
    this.#reader = undefined;
  }

  cut(): void {
    // An end that was said stands, as on a socket.
    if (this.#state === "open") this.#state = "cut";
    this.#writer?.settled.reject(gone());
    this.#reader?.settled.reject(gone());
    this.#writer = undefined;
    this.#reader = undefined;
  }
}

function move(bytes: Uint8Array, into: Uint8Array): number {
  const piece = bytes.subarray(0, into.length);
  into.set(piece);
  return piece.length;
}

function gone(): Error {
  return new Deno.errors.BrokenPipe("The other end was closed");
}
