/** PING (RFC 9113 §6.7): measures the round trip. */
import type { Clock } from "../../async/clock.ts";
import { readUint32, writeUint32 } from "../frames/frame_header.ts";
import type { FrameWriter } from "../frames/frame_writer.ts";

/** Milliseconds between measurements while content flows. */
const PROBE_INTERVAL = 500;

/** PINGs in a row at the start of a connection with keepalive. */
const EARLY_MEASUREMENTS = 3;

/** PINGs that may wait for a peer that acknowledges none, far more than a slow link needs. */
const MAX_WAITING = 256;

interface Waiter {
  readonly sentAt: number;
  resolve(roundTrip: number): void;
  reject(error: unknown): void;
}

/** The PINGs of one connection that wait for an acknowledgement. */
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

  /**
   * @param isKeepalive Whether PINGs are sent anyway, to check the peer. Then
   * the round trip can be measured before there is content.
   */
  constructor(writer: FrameWriter, clock: Clock, isKeepalive: boolean) {
    this.#writer = writer;
    this.#clock = clock;
    this.#isKeepalive = isKeepalive;
  }

  /** The last round trip in milliseconds. */
  get roundTrip(): number | undefined {
    return this.#last;
  }

  /** The last round trip, or the age of the oldest PING without acknowledgement if that is longer. 0 before the first. */
  get lag(): number {
    const [oldest] = this.#waiting.values();
    const age = oldest === undefined ? 0 : this.#clock.now() - oldest.sentAt;
    return Math.max(age, this.#last ?? 0);
  }

  /**
   * The shortest round trip so far. Measured while content flows, a round trip
   * shows the queues, and a window that grows by it makes those queues longer.
   * So the acknowledgement of our SETTINGS counts, too.
   */
  get shortestRoundTrip(): number | undefined {
    return this.#shortest;
  }

  /** Notes that our SETTINGS were sent. */
  settingsSent(): void {
    this.#settingsSentAt = this.#clock.now();
  }

  /** Receives the acknowledgement of our SETTINGS: the first measurement. */
  settingsAcknowledged(): void {
    if (this.#settingsSentAt === undefined) return;
    this.#measured(this.#clock.now() - this.#settingsSentAt);
    this.#settingsSentAt = undefined;
    if (this.#isKeepalive) void this.#measureEarly();
  }

  /**
   * Measures when the first content comes. Before that nobody needs the value;
   * later, more content is queued before the acknowledgement.
   */
  onFirstContent(): void {
    if (this.#probedAt === -Infinity) this.probeIfDue();
  }

  /** Sends PING; returns the milliseconds until its acknowledgement. */
  send(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const payload = new Uint8Array(8);
    // Hundreds of PINGs a second for months would not fit.
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

  /** Measures the round trip again if the last measurement is old enough. */
  probeIfDue(): void {
    const now = this.#clock.now();
    if (now - this.#probedAt < PROBE_INTERVAL) return;
    this.#probedAt = now;
    this.sendProbe();
  }

  /** Sends PING without waiting: the acknowledgement is a sign of life and a measurement. */
  sendProbe(): void {
    if (this.#waiting.size >= MAX_WAITING) return;
    // It does not matter here that the connection ends before the acknowledgement.
    this.send().catch(() => {});
  }

  /** Receives the acknowledgement of a PING; unknown ones are ignored. */
  acknowledge(payload: Uint8Array): void {
    const number = readUint32(payload, 4);
    const waiter = this.#waiting.get(number);
    if (waiter === undefined) return;
    this.#waiting.delete(number);
    const roundTrip = this.#clock.now() - waiter.sentAt;
    this.#measured(roundTrip);
    waiter.resolve(roundTrip);
  }

  /** Rejects every waiting PING. */
  fail(error: unknown): void {
    for (const waiter of this.#waiting.values()) waiter.reject(error);
    this.#waiting.clear();
  }

  /**
   * The acknowledgement of SETTINGS includes the peer's start, and so may that
   * of the first PING. A window that grows by such a value holds up all streams
   * for milliseconds.
   */
  async #measureEarly(): Promise<void> {
    try {
      for (let count = 0; count < EARLY_MEASUREMENTS; count++) {
        await this.send();
      }
    } catch {
      // It does not matter here that the connection ends before the acknowledgement.
    }
  }

  #measured(roundTrip: number): void {
    this.#last = roundTrip;
    this.#shortest = Math.min(roundTrip, this.#shortest ?? Infinity);
  }
}
