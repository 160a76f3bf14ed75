/**
 * A longer wire, a process of its own: `delay_relay.ts HOST PORT MS` listens
 * on HOST:PORT and leads to 127.0.0.1:PORT; bytes take MS milliseconds in each
 * direction.
 *
 * Prints a line when it listens.
 *
 * @module
 */
import { sleep } from "../../../src/async/timer.ts";
import { writeAll } from "./route.ts";

/** What may be on the wire at once: 100 ms of 600 MB/s. */
const MAX_ON_WIRE = 64 * 1024 * 1024;
const READ_BYTES = 262_144;
/** Until the wire has room or bytes again, when both ends are slower. */
const LOOK_AGAIN = 1;

interface Piece {
  readonly due: number;
  /** Without bytes it is the end. */
  readonly bytes: Uint8Array | undefined;
}

/** One direction. */
class Wire {
  readonly #delay: number;
  #waiting: Piece[] = [];
  #bytes = 0;
  #arrived = Promise.withResolvers<void>();

  constructor(delay: number) {
    this.#delay = delay;
  }

  async fill(from: Deno.Conn): Promise<void> {
    for (;;) {
      const buffer = new Uint8Array(READ_BYTES);
      const read = await from.read(buffer);
      if (read === null) return this.#push(undefined);
      // Small pieces must not hold large buffers.
      this.#push(
        read < READ_BYTES / 4
          ? buffer.slice(0, read)
          : buffer.subarray(0, read),
      );
      while (this.#bytes > MAX_ON_WIRE) await sleep(LOOK_AGAIN);
    }
  }

  async drain(to: Deno.Conn): Promise<void> {
    for (;;) {
      await this.#arrived.promise;
      const pieces = this.#waiting;
      this.#waiting = [];
      this.#arrived = Promise.withResolvers<void>();
      for (const { due, bytes } of pieces) {
        const early = due - performance.now();
        if (early > 0) await sleep(early);
        if (bytes === undefined) return await to.closeWrite();
        await writeAll(to, bytes);
        this.#bytes -= bytes.byteLength;
      }
    }
  }

  #push(bytes: Uint8Array | undefined): void {
    this.#bytes += bytes?.byteLength ?? 0;
    this.#waiting.push({ due: performance.now() + this.#delay, bytes });
    this.#arrived.resolve();
  }
}

async function link(
  near: Deno.TcpConn,
  port: number,
  delay: number,
): Promise<void> {
  using _near = near;
  using far = await Deno.connect({ hostname: "127.0.0.1", port });
  near.setNoDelay();
  far.setNoDelay();
  const there = new Wire(delay);
  const back = new Wire(delay);
  await Promise.all([
    there.fill(near),
    there.drain(far),
    back.fill(far),
    back.drain(near),
  ]);
}

async function linkQuietly(
  near: Deno.TcpConn,
  port: number,
  delay: number,
): Promise<void> {
  try {
    await link(near, port, delay);
  } catch {
    // An end was closed: the wire is gone for both.
  }
}

const [hostname = "127.0.0.2", portText = "0", delayText = "0"] = Deno.args;
const port = Number(portText);
const listener = Deno.listen({ hostname, port });
// deno-lint-ignore no-console -- the sign of life is this program's output
console.log("listening");
for await (const conn of listener) linkQuietly(conn, port, Number(delayText));
