/**
 * Two byte streams joined in both directions.
 *
 * The two directions end separately: a side that has said all it had to say
 * may still be listening (think of `nc -N` or of an HTTP/1.0 response that ends
 * with the connection).
 */
import { timer } from "../../async/timer.ts";
import { type ByteStream, closeQuietly } from "./byte_stream.ts";
import { copy } from "./copy.ts";

/** How a pipe ends. */
export interface PipeOptions {
  /**
   * How long the second direction may go on after the first has ended, in
   * milliseconds; peers that never close would otherwise stay for ever.
   */
  readonly grace?: number;
  /** Closes both sides when aborted. One that outlives the pipe keeps nothing of it. */
  readonly signal?: AbortSignal;
}

/** What went through a pipe. */
export interface PipeResult {
  /** Bytes from the first side to the second, 0 if that direction failed. */
  readonly aToB: number;
  /** Bytes from the second side to the first, 0 if that direction failed. */
  readonly bToA: number;
  /**
   * What broke it: an error of either side, a `TimeoutError`, or the signal's
   * reason; `undefined` when both directions ended in order.
   */
  readonly failure: unknown;
}

/** After the first direction has ended, the second has a minute. */
export const DEFAULT_GRACE = 60_000;

/**
 * Copies in both directions until both directions have ended, then closes both sides.
 *
 * Never rejects: a peer that goes away is how connections end.
 */
export async function pipe(
  a: ByteStream,
  b: ByteStream,
  { grace = DEFAULT_GRACE, signal }: PipeOptions = {},
): Promise<PipeResult> {
  let failure: unknown;
  let limit: Disposable | undefined;
  const close = () => {
    closeQuietly(a);
    closeQuietly(b);
  };
  const cut = (cause: unknown) => {
    failure ??= cause;
    close();
  };
  const abort = () => cut(signal?.reason);
  const flow = async (from: ByteStream, to: ByteStream): Promise<number> => {
    try {
      const count = await copy(to, from);
      await to.closeWrite();
      limit ??= timer(grace, () => cut(overdue(grace)));
      return count;
    } catch (cause) {
      cut(cause);
      return 0;
    }
  };
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const [aToB, bToA] = await Promise.all([flow(a, b), flow(b, a)]);
  signal?.removeEventListener("abort", abort);
  limit?.[Symbol.dispose]();
  close();
  return { aToB, bToA, failure };
}

function overdue(grace: number): DOMException {
  return new DOMException(
    `The second direction went on for ${grace} ms after the first`,
    "TimeoutError",
  );
}
