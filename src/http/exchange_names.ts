/**
 * The name of an exchange, for those who are given only its signal: what dials
 * and what plugins do is far from the exchange, and only its log lines want to
 * say which one they are about.
 *
 * @module
 */
import type { ExchangeContext } from "./exchange.ts";

const NAMES = new WeakMap<AbortSignal, string>();

/** Has `exchangeIdOf()` know the exchange. */
export function nameExchange(
  { id, signal }: Pick<ExchangeContext, "id" | "signal">,
): void {
  NAMES.set(signal, id);
}

/** The id of the exchange that `signal` belongs to; `undefined` for what is none, or was never named. */
export function exchangeIdOf(signal: AbortSignal): string | undefined {
  return NAMES.get(signal);
}
