/**
 * What the REST API answers when it does not do what it is asked.
 *
 * @module
 */

/** What may be known about it. */
export interface RestErrorOptions extends ErrorOptions {
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter?: number | undefined;
}

/** The server answered with an error, or with something that is no answer. */
export class RestError extends Error {
  /** Always `RestError`. */
  override readonly name = "RestError";
  /** Status of the answer; 0 when there was none that could be read. */
  readonly status: number;
  /** Seconds after which the server wants to be asked again; `undefined` when asking again is of no use. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    message: string,
    { retryAfter, ...options }: RestErrorOptions = {},
  ) {
    super(message, options);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Statuses that pass by themselves: too many requests, and a server that is stopping. */
const PASSING: readonly number[] = [429, 503];

/** The seconds that an answer says to wait, if it does (RFC 9110 §10.2.3; dates are not read). */
export function retryAfterOf(
  status: number,
  field: string | undefined,
): number | undefined {
  const isTold = PASSING.includes(status) && /^\d{1,9}$/.test(field ?? "");
  return isTold ? Number(field) : undefined;
}
