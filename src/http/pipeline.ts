import type { Handler } from "./exchange.ts";

/** Puts something around a handler, or returns the handler itself when there is nothing to do. */
export type Step = (next: Handler) => Handler;

/**
 * The steps of a proxy around the handler that sends requests. The first step
 * is the outermost: it sees the request first and the response last.
 */
export function pipeline(steps: readonly Step[], send: Handler): Handler {
  return steps.reduceRight((next, step) => step(next), send);
}
