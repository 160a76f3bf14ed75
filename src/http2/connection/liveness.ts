/**
 * Notices a peer that vanishes without FIN: a cut cable, a NAT that forgets, a
 * sleeping laptop.
 *
 * A PING (RFC 9113 §6.7) goes out at intervals, and earlier when a reply is overdue. Any byte
 * is a sign of life, because the acknowledgement can be behind many. A silent
 * peer is dead after a while, unless there is a sign of a slow network: then
 * the PING may still wait in a queue.
 */
import type { Clock } from "../../async/clock.ts";
import { timer } from "../../async/timer.ts";

/** How often an overdue reply is looked for, as a part of the time after which it is overdue. */
const LOOKS = 4;

/** How many times round trip and queue a PING may take, and most times its usual limit. */
const SLOWER = 2;
const MOST_LIMITS = 4;

/**
 * Before a peer is given up, its bytes get this many milliseconds of real time
 * to be read: after a stop of this program (SIGSTOP) timers come first.
 */
const LAST_LOOK = 20;

/** Options of {@linkcode Liveness}. Times are in milliseconds. */
export interface LivenessOptions {
  readonly clock: Clock;
  /** Time between PINGs; 0: none are sent unless `check` is called. */
  readonly interval: number;
  /** Time until the first one, as a part of `interval`. */
  readonly phase: number;
  /** Silence after a PING until the peer counts as dead. */
  readonly timeout: number;
  /** Silence after something was sent until a PING is due; 0: never. */
  readonly overdue: number;
  /** Bytes received so far. */
  bytesReceived(): number;
  /** Bytes that the socket has taken so far. */
  bytesSent(): number;
  /** Bytes that wait for the socket. */
  queuedBytes(): number;
  /** The last round trip, if there is one. */
  roundTrip(): number | undefined;
  /** The queue that other connections with the same peer show. */
  patience(): number;
  /** Whether a request has no response yet. */
  awaitsResponse(): boolean;
  ping(): void;
  /** The peer owes a reply. Called several times in `overdue` while it does. */
  onSilent(): void;
  onDead(): void;
  /** Calls back when bytes that have come were read. Default: after {@linkcode LAST_LOOK}. */
  lastLook?(action: () => void): Disposable;
}

/** Watches one connection until disposed. */
export class Liveness implements Disposable {
  readonly #options: LivenessOptions;
  #interval: Disposable | undefined;
  #deadline: Disposable | undefined;
  #watch: Disposable | undefined;
  /** When the PING was sent that the peer owes a reply to. */
  #askedAt: number | undefined;
  /** The counters at that moment, or at the last sign of life since. */
  #received = 0;
  #sent = 0;
  #wasQueued = false;
  /** Bytes received at the last look for an overdue reply. */
  #lookedAt = 0;
  #silentSince = 0;
  /** More than 0 while bytes of work may have no reply. They may be younger than what came between the last two looks. */
  #unanswered = 0;
  #isOver = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
    const { interval, phase } = options;
    if (interval > 0) this.#startInterval(phase * interval);
  }

  /** Whether nothing has come since the last PING that this object sent. */
  get owesReply(): boolean {
    return this.#askedAt !== undefined &&
      this.#options.bytesReceived() === this.#received;
  }

  /** For how long the peer owes a reply; 0 if it does not. */
  get silence(): number {
    if (this.#askedAt === undefined || !this.owesReply) return 0;
    return this.#options.clock.now() - this.#askedAt;
  }

  /** Sends a PING now, unless the peer owes a reply already or has just been asked. */
  check(): void {
    const { clock, overdue } = this.#options;
    const wasJustAsked = this.#askedAt !== undefined &&
      clock.now() - this.#askedAt < overdue / LOOKS;
    if (!wasJustAsked && !this.owesReply) this.#ask();
  }

  /** Notes that a request or content was sent: a reply is due. */
  workSent(): void {
    this.#unanswered = 2;
    if (this.#watch !== undefined) return;
    this.#silentSince = this.#options.clock.now();
    this.#startWatch();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#interval?.[Symbol.dispose]();
    this.#deadline?.[Symbol.dispose]();
    this.#watch?.[Symbol.dispose]();
  }

  #startInterval(ms: number): void {
    const { clock, interval } = this.#options;
    this.#interval = clock.timer(ms, () => {
      this.#startInterval(interval);
      if (this.owesReply) this.#options.ping();
      else this.#ask();
    });
  }

  #ask(): void {
    const { clock, timeout, ping } = this.#options;
    this.#askedAt = clock.now();
    this.#noteCounters();
    ping();
    this.#deadline?.[Symbol.dispose]();
    this.#expectReply(timeout);
    if (this.#watch === undefined) this.#startWatch();
  }

  #noteCounters(): void {
    this.#received = this.#options.bytesReceived();
    this.#sent = this.#options.bytesSent();
    this.#wasQueued = this.#options.queuedBytes() > 0;
  }

  #expectReply(ms: number): void {
    const { clock, timeout, lastLook = afterReading } = this.#options;
    const due = clock.now() + ms;
    this.#deadline = clock.timer(ms, () => {
      if (!this.owesReply) return;
      // This program was stopped, and may have missed the reply.
      if (clock.now() - due > timeout / 2) return this.#ask();
      if (this.#isSending()) return this.#ask();
      const left = this.#limit() - this.silence;
      if (left > 0) return this.#expectReply(Math.min(left, timeout));
      this.#deadline = lastLook(() => {
        if (this.owesReply) this.#options.onDead();
      });
    });
  }

  /** How long the peer may owe a reply. */
  #limit(): number {
    const { timeout, roundTrip, patience } = this.#options;
    const slow = SLOWER * Math.max(roundTrip() ?? 0, patience());
    return Math.min(Math.max(timeout, slow), MOST_LIMITS * timeout);
  }

  /** Whether the socket was full and has taken something since: then the peer takes bytes, and the PING was behind them. */
  #isSending(): boolean {
    return this.#wasQueued && this.#options.bytesSent() > this.#sent;
  }

  #startWatch(): void {
    const { clock, overdue, bytesReceived } = this.#options;
    if (overdue === 0 || this.#isOver) return;
    this.#lookedAt = bytesReceived();
    this.#watch = clock.timer(overdue / LOOKS, () => this.#look());
  }

  /** Looks for an overdue reply, as long as one is due. */
  #look(): void {
    const { clock, overdue, bytesReceived, onSilent } = this.#options;
    const isDue = this.#isDue();
    this.#watch = undefined;
    if (bytesReceived() !== this.#lookedAt) {
      this.#silentSince = clock.now();
      this.#unanswered = Math.max(0, this.#unanswered - 1);
    } else if (this.owesReply) onSilent();
    else if (clock.now() - this.#silentSince >= overdue) this.#ask();
    if (isDue && this.#watch === undefined) this.#startWatch();
  }

  #isDue(): boolean {
    return this.owesReply || this.#unanswered > 0 ||
      this.#options.awaitsResponse();
  }
}

function afterReading(action: () => void): Disposable {
  return timer(LAST_LOOK, action);
}
