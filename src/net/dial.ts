/**
 * From a host name and a port to an open socket.
 *
 * The name is resolved once, every address is checked, and the checked address
 * is the one that is dialled: a name server cannot answer one thing to the
 * check and another to the socket.
 *
 * @module
 */
import { sleep, timer } from "../async/timer.ts";
import { type Address, formatAddress } from "./address.ts";
import { DialError, dialErrorOf } from "./dial_error.ts";
import type { Resolver } from "./resolver.ts";

/** How connections are made. */
export interface DialOptions {
  /** From names to addresses. */
  readonly resolve: Resolver;
  /** Refuses an address by throwing a `DialError`; called before it is dialled. */
  readonly check?: (ip: string, target: Address) => void;
  /** How long one attempt may take, in milliseconds. */
  readonly timeout?: number;
  /** How many attempts are made; at least 1. */
  readonly attempts?: number;
  /** Pause between two attempts, in milliseconds. */
  readonly backoff?: number;
  /** Told before each attempt after the first. */
  readonly onRetry?: (target: Address) => void;
}

/** Opens a connection, or throws a `DialError`. */
export type Dial = (
  target: Address,
  signal: AbortSignal,
) => Promise<Deno.TcpConn>;

/** A second address gets its chance after this long (RFC 8305 §8). */
const ATTEMPT_DELAY = 250;

/** Makes a `Dial` with these options. */
export function createDial(
  { resolve, check, timeout = 25_000, attempts = 3, backoff = 1_000, onRetry }:
    DialOptions,
): Dial {
  return async function dial(target, signal) {
    for (let attempt = 1;; attempt += 1) {
      try {
        return await dialOnce(target, signal);
      } catch (cause) {
        const error = dialErrorOf(cause, formatAddress(target));
        if (!error.retryable || attempt >= attempts || signal.aborted) {
          throw error;
        }
        onRetry?.(target);
        await sleep(backoff, signal);
      }
    }
  };

  async function dialOnce(
    target: Address,
    signal: AbortSignal,
  ): Promise<Deno.TcpConn> {
    using attempt = limited(signal, timeout);
    try {
      return await resolveAndConnect(target, attempt.signal);
    } catch (cause) {
      if (!attempt.expired) throw cause;
      const where = formatAddress(target);
      throw new DialError(
        "timedOut",
        `Cannot connect to "${where}": no answer in ${timeout} ms`,
      );
    }
  }

  async function resolveAndConnect(
    target: Address,
    signal: AbortSignal,
  ): Promise<Deno.TcpConn> {
    const addresses = await resolve(target.hostname, signal);
    if (addresses === undefined) {
      throw new DialError(
        "nameNotFound",
        `Cannot find "${target.hostname}": no such host`,
      );
    }
    for (const ip of addresses) check?.(ip, target);
    const conn = await raceAddresses(addresses, target.port, signal);
    conn.setNoDelay(true);
    return conn;
  }
}

/** Tries the addresses in order, each a little after the one before or once that has failed. */
async function raceAddresses(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const [only] = addresses;
  if (only !== undefined && addresses.length === 1) {
    return await Deno.connect({ hostname: only, port, signal });
  }
  const race = new AbortController();
  const both = AbortSignal.any([signal, race.signal]);
  const winner = Promise.withResolvers<Deno.TcpConn>();
  let won = false;
  let running: Promise<void>[] = [];
  let failures: unknown[] = [];
  for (const hostname of addresses) {
    const failed = connectTo(hostname);
    running = [...running, failed];
    await Promise.race([failed, winner.promise.then(() => {}), pause()]);
    if (won || signal.aborted) break;
  }
  await Promise.race([winner.promise, Promise.all(running)]);
  if (!won) throw signal.aborted ? signal.reason : failures[0];
  race.abort();
  await Promise.all(running);
  return await winner.promise;

  async function connectTo(hostname: string): Promise<void> {
    try {
      const conn = await Deno.connect({ hostname, port, signal: both });
      if (won) return conn.close();
      won = true;
      winner.resolve(conn);
    } catch (cause) {
      failures = [...failures, cause];
    }
  }

  async function pause(): Promise<void> {
    try {
      await sleep(ATTEMPT_DELAY, both);
    } catch {
      // The race is over; there is nothing left to wait for.
    }
  }
}

/** A signal that is aborted with its parent or after `ms` milliseconds; 0 means no limit. */
function limited(
  parent: AbortSignal,
  ms: number,
): Disposable & { readonly signal: AbortSignal; readonly expired: boolean } {
  const late = new AbortController();
  const pending = ms === 0 ? undefined : timer(ms, () => late.abort());
  return {
    signal: AbortSignal.any([parent, late.signal]),
    get expired() {
      return late.signal.aborted;
    },
    [Symbol.dispose]: () => pending?.[Symbol.dispose](),
  };
}
