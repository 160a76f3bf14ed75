/**
 * Renews a certificate in time, for as long as the server runs.
 *
 * The CA is never asked in a hurry: pauses grow after failures, are kept over a
 * restart, and last at least as long as the CA has said.
 */
import { type Clock, systemClock } from "../../async/clock.ts";
import type { Logger } from "../../log/log.ts";
import type { KeyedCertificate } from "../tls/certificate_authority.ts";
import { AcmeError } from "./acme_error.ts";
import {
  type AcmeStore,
  MAX_REASON,
  type StoredAttempts,
} from "./acme_store.ts";
import { certificateFacts, isFor, renewalTime } from "./certificate_facts.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The pause after a first failure. Public CAs allow five failures an hour. */
const FIRST_PAUSE = 5 * MINUTE;
/** No pause is longer, unless the CA says so. */
const LONGEST_PAUSE = 6 * HOUR;
/** The longest pause after a restart: a person may have mended something. */
const RESTART_PAUSE = 15 * MINUTE;
/** A pause takes at most this part of a certificate's life: short ones end sooner. */
const PART_OF_LIFE: number = 1 / 16;
/** Pauses are up to a fifth longer, so that servers do not come together. */
const JITTER = 0.2;

/** What {@linkcode AcmeRenewal} works with. */
export interface AcmeRenewalOptions {
  readonly domains: readonly string[];
  readonly store: Pick<
    AcmeStore,
    "certificate" | "saveCertificate" | "attempts" | "saveAttempts"
  >;
  /** Gets a certificate. It throws `AcmeError` with a whole sentence. */
  readonly order: (signal: AbortSignal) => Promise<KeyedCertificate>;
  /** Uses the certificate that was saved. */
  readonly onIssued: () => Promise<void>;
  readonly log: Logger;
  readonly clock?: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** How orders have ended. */
export type OrderResult = "issued" | "failed";

/** Orders certificates until it is disposed. */
export class AcmeRenewal implements AsyncDisposable {
  readonly #options: AcmeRenewalOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stopping = new AbortController();
  readonly #results: Record<OrderResult, number> = { issued: 0, failed: 0 };
  #timer: Disposable | undefined;
  #attempts: StoredAttempts | undefined;
  #life: number | undefined;
  #next: number | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: AcmeRenewalOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#run(() => this.#plan());
  }

  /** How many orders ended how, since the start. */
  get results(): Readonly<Record<OrderResult, number>> {
    return this.#results;
  }

  /** When the next order begins, in milliseconds since 1970; `undefined` while one runs. */
  get next(): number | undefined {
    return this.#next;
  }

  /** How many orders have failed since the last certificate, over restarts. */
  get failures(): number {
    return this.#attempts?.failures ?? 0;
  }

  /** Why the last order failed, over restarts; `undefined` after a good one. `at` is in milliseconds since 1970. */
  get lastError():
    | { readonly at: number; readonly reason: string }
    | undefined {
    const { lastAttempt: at, reason } = this.#attempts ?? {};
    return at === undefined || reason === undefined
      ? undefined
      : { at, reason };
  }

  /** Tries again now after a failure, unless the CA has asked to wait. */
  retry(): Promise<void> {
    if (this.#attempts === undefined) return Promise.resolve();
    const allowed = this.#attempts?.notBefore ?? 0;
    if (allowed > this.#clock.now()) return Promise.resolve();
    return this.#run(() => this.#order());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException("Stopping", "AbortError"));
    this.#timer?.[Symbol.dispose]();
    await this.#running;
  }

  /** One after the other. */
  #run(step: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(async () => {
      if (this.#stopping.signal.aborted) return;
      try {
        await step();
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        // Such as a data directory that cannot be written.
        this.#options.log.error("renewal of the certificate failed", { error });
        await this.#failed(error);
      }
    });
    return this.#running;
  }

  /** Finds out when to order, from what is stored. */
  async #plan(): Promise<void> {
    const { store, domains, log } = this.#options;
    const now = this.#clock.now();
    this.#attempts = await store.attempts();
    const facts = await this.#facts();
    const isUsable = facts !== undefined && isFor(facts, domains, now);
    this.#life = isUsable ? facts.to - facts.from : undefined;
    const due = isUsable ? renewalTime(facts, this.#random()) : now;
    this.#at(Math.max(due, this.#allowed()));
    if (!isUsable || this.#next === undefined) return;
    log.debug("certificate is renewed later", {
      domains,
      at: new Date(this.#next).toISOString(),
    });
  }

  /** When the next order may begin, after what went wrong before the start. */
  #allowed(): number {
    if (this.#attempts === undefined) return 0;
    const { failures, lastAttempt, notBefore = 0 } = this.#attempts;
    const pause = Math.min(this.#pause(failures), RESTART_PAUSE);
    return Math.max(lastAttempt + pause, notBefore);
  }

  async #facts(): Promise<ReturnType<typeof certificateFacts> | undefined> {
    const stored = await this.#options.store.certificate();
    try {
      return stored && certificateFacts(stored.certPem);
    } catch {
      // A damaged file: there is a new one soon.
      return undefined;
    }
  }

  #at(time: number): void {
    this.#next = time;
    this.#timer?.[Symbol.dispose]();
    if (this.#stopping.signal.aborted) return;
    const wait = Math.max(0, time - this.#clock.now());
    this.#timer = this.#clock.timer(wait, () => {
      // Timers are cut to 24 days.
      if (this.#clock.now() < time) this.#at(time);
      else void this.#run(() => this.#order());
    });
  }

  async #order(): Promise<void> {
    const { order, store, domains, onIssued, log } = this.#options;
    this.#timer?.[Symbol.dispose]();
    this.#next = undefined;
    log.info("certificate is ordered", { domains });
    const before = this.#attempts;
    try {
      // A server that is killed meanwhile does not begin at once again.
      await store.saveAttempts({
        ...this.#attempts,
        failures: this.failures,
        lastAttempt: this.#clock.now(),
      });
      await store.saveCertificate(await order(this.#stopping.signal));
    } catch (error) {
      if (this.#stopping.signal.aborted) {
        return await store.saveAttempts(before).catch(ignore);
      }
      if (!(error instanceof AcmeError)) throw error;
      log.error("certificate was not issued", { domains, error });
      return await this.#failed(error);
    }
    this.#results.issued += 1;
    await store.saveAttempts(undefined);
    log.info("certificate was issued", { domains });
    await onIssued();
    await this.#plan();
  }

  async #failed(error: unknown): Promise<void> {
    const { retryAfter } = error instanceof AcmeError
      ? error
      : { retryAfter: undefined };
    const reason = error instanceof Error ? error.message : String(error);
    this.#results.failed += 1;
    const now = this.#clock.now();
    this.#attempts = {
      failures: this.failures + 1,
      lastAttempt: now,
      reason: reason.slice(0, MAX_REASON),
      ...retryAfter !== undefined && { notBefore: now + retryAfter },
    };
    const pause = this.#pause(this.#attempts.failures);
    const next = now + Math.max(pause, retryAfter ?? 0);
    this.#at(next);
    this.#options.log.warn("certificate is ordered again later", {
      domains: this.#options.domains,
      failures: this.#attempts.failures,
      at: new Date(next).toISOString(),
    });
    await this.#options.store.saveAttempts(this.#attempts).catch(ignore);
  }

  /** Twice as long after each failure. */
  #pause(failures: number): number {
    const longest = this.#life === undefined
      ? LONGEST_PAUSE
      : Math.min(LONGEST_PAUSE, this.#life * PART_OF_LIFE);
    const pause = Math.min(
      FIRST_PAUSE * 2 ** Math.max(failures - 1, 0),
      longest,
    );
    return Math.max(pause, FIRST_PAUSE) * (1 + JITTER * this.#random());
  }
}

/** The disk says so elsewhere; the pause in memory counts. */
function ignore(): void {}
