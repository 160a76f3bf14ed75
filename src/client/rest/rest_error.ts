/** Options of {@linkcode RestError}. */
export interface RestErrorOptions extends ErrorOptions {
  /** Seconds after which the server wants a retry. */
  readonly retryAfter?: number | undefined;
}

/** The REST API responded with an error, or not as a Sallyport server. */
export class RestError extends Error {
  /** Always `RestError`. */
  override readonly name = "RestError";
  /** Status of the response; 0 when it could not be read. */
  readonly status: number;
  /** Seconds after which the server wants a retry; `undefined` when a retry does not help. */
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

/** Temporary statuses: too many requests, and a server that is stopping. */
const TEMPORARY: readonly number[] = [429, 503];

/** The seconds of a Retry-After field (RFC 9110 §10.2.3); dates are not read. */
export function retryAfterOf(
  status: number,
  field: string | undefined,
): number | undefined {
  const isGiven = TEMPORARY.includes(status) && /^\d{1,9}$/.test(field ?? "");
  return isGiven ? Number(field) : undefined;
}

/** What the server says, if it refuses a key because it has expired. */
export function expiryIn({ status, message }: RestError): string | undefined {
  return status === 401 && / expired at /.test(message) ? message : undefined;
}
