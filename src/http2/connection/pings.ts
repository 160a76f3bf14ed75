/**
 * PING: asks whether the peer is there and how long the way is (RFC 9113 §6.7).
 *
 * @module
 */
import type { FrameWriter } from "../frames/frame_writer.ts";
import { readUint32, writeUint32 } from "../frames/frame_header.ts";
import type { Clock } from "../../async/clock.ts";

/** Milliseconds between measurements while content flows. */
const PROBE_INTERVAL = 500;

/** PINGs, one after the other, at the start of a connection that sends PINGs in any case. */
const EARLY_MEASUREMENTS = 3;

interface Waiter {
  readonly sentAt: number;
  resolve(roundTrip: number): void;
  reject(error: unknown): void;
}

/** The PINGs of one connection that wait for their answers. */
export class Pings {
  readonly #writer: FrameWriter;
  readonly #clock: Clock;
  readonly #isKeepalive: boolean;
  readonly #waiting = new Map<number, Waiter>();
  #count = 0;
  #last: number | undefined;
  #shortest: number | undefined;
  #settingsSentAt: number | undefined;
  #probedAt = -Infinity;

  /** @param isKept Whether PINGs are sent in any case, to prove the peer alive: then one can measure before there is content. */
  constructor(writer: FrameWriter, clock: Clock, isKeepalive: boolean) {
    this.#writer = writer;
    this.#clock = clock;
    this.#isKeepalive = isKeepalive;
  }

  /** The last round trip in milliseconds. */
  get roundTrip(): number | undefined {
    return this.#last;
  }

  /**
   * The shortest round trip so far. What is measured while content flows says
   * more about queues than about the way, and a window that grows by that makes
   * the queue it measures: so the answer to our SETTINGS counts, too.
   */
  get shortestRoundTrip(): number | undefined {
    return this.#shortest;
  }

  /** Notes that our SETTINGS are on their way. */
  settingsSent(): void {
    this.#settingsSentAt = this.#clock.now();
  }

  /** Takes the acknowledgement of our SETTINGS: a first measurement. */
  settingsAcknowledged(): void {
    if (this.#settingsSentAt === undefined) return;
    this.#measured(this.#clock.now() - this.#settingsSentAt);
    this.#settingsSentAt = undefined;
    if (this.#isKeepalive) void this.#measureEarly();
  }

  /**
   * Measures when the first content comes: before there is content nobody needs
   * to know, and later there is more of it queued in front of the answer.
   */
  onFirstContent(): void {
    if (this.#probedAt === -Infinity) this.probeIfDue();
  }

  /** Sends PING; gives the milliseconds until its answer. */
  send(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const payload = new Uint8Array(8);
    // Asking hundreds of times a second for months, it would not fit.
    this.#count = (this.#count + 1) >>> 0;
    writeUint32(payload, 4, this.#count);
    this.#waiting.set(this.#count, {
      sentAt: this.#clock.now(),
      resolve,
      reject,
    });
    this.#writer.ping(payload);
    return promise;
  }

  /** Measures the round trip again if the last time is long enough ago. */
  probeIfDue(): void {
    const now = this.#clock.now();
    if (now - this.#probedAt < PROBE_INTERVAL) return;
    this.#probedAt = now;
    this.sendProbe();
  }

  /** Sends PING; its answer is a sign of life and a measurement, nobody waits for it. */
  sendProbe(): void {
    // That the connection ends before the answer comes is no news here.
    this.send().catch(() => {});
  }

  /** Takes the answer to a PING; one that was not asked for is ignored. */
  acknowledge(payload: Uint8Array): void {
    const number = readUint32(payload, 4);
    const waiter = this.#waiting.get(number);
    if (waiter === undefined) return;
    this.#waiting.delete(number);
    const roundTrip = this.#clock.now() - waiter.sentAt;
    this.#measured(roundTrip);
    waiter.resolve(roundTrip);
  }

  /** Ends every wait with `error`. */
  fail(error: unknown): void {
    for (const waiter of this.#waiting.values()) waiter.reject(error);
    this.#waiting.clear();
  }

  /** The answer to SETTINGS has the peer's start in it, and so may the first PING's; a window that grows by that holds up everybody for milliseconds. */
  async #measureEarly(): Promise<void> {
    try {
      for (let count = 0; count < EARLY_MEASUREMENTS; count++) {
        await this.send();
      }
    } catch {
      // That the connection ends before the answer comes is no news here.
    }
  }

  #measured(roundTrip: number): void {
    this.#last = roundTrip;
    this.#shortest = Math.min(roundTrip, this.#shortest ?? Infinity);
  }
}

/** What a keepalive asks and tells. */
export interface KeepaliveOptions {
  /** Milliseconds between PINGs. */
  readonly interval: number;
  /** Milliseconds of silence after a PING that mean death. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Bytes received so far: any byte is a sign of life, an answer can be behind many. */
  bytesReceived(): number;
  ping(): void;
  onDead(): void;
}

/** Begins to ask regularly, until disposed. */
export function startKeepalive(options: KeepaliveOptions): Disposable {
  const { interval, timeout, clock, bytesReceived, ping, onDead } = options;
  let timer = clock.timer(interval, ask);

  function ask(): void {
    const before = bytesReceived();
    ping();
    timer = clock.timer(timeout, () => {
      if (bytesReceived() === before) return onDead();
      timer = clock.timer(Math.max(0, interval - timeout), ask);
    });
  }

  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
