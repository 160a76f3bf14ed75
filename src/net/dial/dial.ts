/**
 * From a host name and a port to an open socket.
 *
 * The name is resolved once, and the addresses of that result are dialled. A
 * name server cannot give one address to a check and another to the socket.
 */
import { abortable } from "../../async/abortable.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import { type Address, formatAddress } from "../address/address.ts";
import { DialError, dialErrorOf } from "../dial_error.ts";
import { SYSTEM, type System } from "../../platform/system.ts";
import type { Resolver } from "../names/resolver.ts";
import { type OnPhase, timePhase } from "./dial_phases.ts";
import { setTcpOptions } from "../stream/tcp_options.ts";

/** How connections are made. */
export interface DialOptions {
  /** From names to addresses; the dial throws its errors unchanged. */
  readonly resolve: Resolver;
  /** How long all attempts together may take, with their pauses, in milliseconds; 0 means no limit. */
  readonly timeout?: number;
  /** How many attempts are made; at least 1. */
  readonly attempts?: number;
  /** Pause between two attempts, in milliseconds. */
  readonly backoff?: number;
  /** Notified of how long look-ups and connections take. Default: nobody is. */
  readonly onPhase?: OnPhase | undefined;
  /** Called before each attempt after the first. */
  readonly onRetry?: (target: Address) => void;
  /** Opens a socket. Default: the system does. */
  readonly open?: OpenSocket;
  readonly clock?: Clock;
  /** Default: this one. */
  readonly system?: Pick<System, "repeatsRefusedDials">;
}

/** Opens a socket to one address, unless `signal` is aborted first. */
export type OpenSocket = (
  options: Deno.ConnectOptions & { readonly signal: AbortSignal },
) => Promise<Deno.TcpConn>;

/**
 * Opens a connection, or throws a `DialError`.
 *
 * @param exchangeId The request that the connection is for, for log lines.
 */
export type Dial = (
  target: Address,
  signal: AbortSignal,
  exchangeId?: string,
) => Promise<Deno.TcpConn>;

/** How long one address is tried alone, in milliseconds (RFC 8305 §8). */
const HEAD_START = 250;

/** Makes a `Dial` with these options. */
export function createDial(
  {
    resolve,
    timeout = 25_000,
    attempts = 3,
    backoff = 1_000,
    onPhase,
    onRetry,
    open = Deno.connect,
    clock = systemClock,
    system = SYSTEM,
  }: DialOptions,
): Dial {
  return async function dial(target, signal, exchangeId) {
    const told = { onPhase, exchangeId };
    const addresses = await timePhase(
      "dns",
      () => resolve(target.hostname, signal, exchangeId),
      told,
    );
    if (addresses === undefined || addresses.length === 0) {
      throw new DialError(
        "nameNotFound",
        `Cannot find "${target.hostname}": no such host`,
      );
    }
    using limit = limited(signal, timeout, clock);
    for (let attempt = 1;; attempt += 1) {
      let error: DialError;
      try {
        const opening = { open, clock, signal: limit.signal };
        return await timePhase(
          "connect",
          () => connect(addresses, target.port, opening),
          told,
        );
      } catch (cause) {
        if (limit.expired) throw lateError(target, timeout);
        error = dialErrorOf(cause, formatAddress(target), { signal });
        const isOver = !error.retryable || attempt >= attempts ||
          error.code === "refused" && system.repeatsRefusedDials;
        if (isOver) throw error;
      }
      onRetry?.(target);
      await pause(backoff, limit.signal, clock);
      if (limit.expired) throw error;
    }
  };
}

function lateError(target: Address, timeout: number): DialError {
  return new DialError(
    "timedOut",
    `Cannot connect to "${
      formatAddress(target)
    }": no response in ${timeout} ms`,
  );
}

async function pause(
  ms: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  using _timer = clock.timer(ms, over.resolve);
  // The next attempt sees the signal, and says what it was for.
  await abortable(over.promise, signal).catch(() => {});
}

/** How sockets are opened. */
interface Opening {
  readonly open: OpenSocket;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

async function connect(
  addresses: readonly string[],
  port: number,
  opening: Opening,
): Promise<Deno.TcpConn> {
  const conn = await raceAddresses(addresses, port, opening);
  setTcpOptions(conn);
  return conn;
}

/**
 * Tries the addresses with alternating families, each once the one before it has failed or has
 * had its head start; the first connection wins (RFC 8305 §5).
 *
 * @throws What the first address failed with, when all did.
 */
async function raceAddresses(
  addresses: readonly string[],
  port: number,
  { open, signal, clock }: Opening,
): Promise<Deno.TcpConn> {
  const won = new AbortController();
  const both = AbortSignal.any([signal, won.signal]);
  const tries: Promise<Deno.TcpConn>[] = [];
  for (const hostname of alternateFamilies(addresses)) {
    const attempt = open({ hostname, port, signal: both });
    tries.push(attempt);
    if (await isOpenSoon(tries, attempt, clock)) break;
  }
  try {
    const winner = await Promise.any(tries);
    won.abort();
    await closeOthers(tries, winner);
    return winner;
  } catch (cause) {
    throw cause instanceof AggregateError ? cause.errors[0] : cause;
  }
}

/** Whether any of `tries` succeeds before the `last` one fails or its head start is over. */
async function isOpenSoon(
  tries: readonly Promise<Deno.TcpConn>[],
  last: Promise<Deno.TcpConn>,
  clock: Clock,
): Promise<boolean> {
  const over = Promise.withResolvers<boolean>();
  using _headStart = clock.timer(HEAD_START, () => over.resolve(false));
  const opened = Promise.any(tries).then(() => true, () => false);
  const ended = last.then(() => true, () => false);
  return await Promise.race([opened, ended, over.promise]);
}

/** Two connections may open at the same moment. */
async function closeOthers(
  tries: readonly Promise<Deno.TcpConn>[],
  winner: Deno.TcpConn,
): Promise<void> {
  for (const result of await Promise.allSettled(tries)) {
    if (result.status === "rejected" || result.value === winner) continue;
    result.value.close();
  }
}

/** A signal that is aborted with its parent or after `ms` milliseconds; 0 means no limit. */
function limited(
  parent: AbortSignal,
  ms: number,
  clock: Clock,
): Disposable & { readonly signal: AbortSignal; readonly expired: boolean } {
  const late = new AbortController();
  const pending = ms === 0 ? undefined : clock.timer(ms, () => late.abort());
  return {
    signal: AbortSignal.any([parent, late.signal]),
    get expired() {
      return late.signal.aborted;
    },
    [Symbol.dispose]: () => pending?.[Symbol.dispose](),
  };
}

/**
 * Alternates IPv6 and IPv4 addresses. The family of the first address begins,
 * and each family keeps its order. An address that does not respond then costs
 * one head start, not one for each address of its family (RFC 8305 §4).
 */
export function alternateFamilies(
  addresses: readonly string[],
): readonly string[] {
  const [first = ""] = addresses;
  const own = addresses.filter((ip) => isIpv6(ip) === isIpv6(first));
  const other = addresses.filter((ip) => isIpv6(ip) !== isIpv6(first));
  const turns = Math.max(own.length, other.length);
  return Array.from({ length: turns }, (_, at) => [own[at], other[at]])
    .flat().filter((ip) => ip !== undefined);
}

function isIpv6(ip: string): boolean {
  return ip.includes(":");
}
