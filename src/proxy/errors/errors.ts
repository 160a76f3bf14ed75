import { ERROR_TABLE, type ProxyErrorCode } from "./error_table.ts";

export type { ProxyErrorCode } from "./error_table.ts";

/** Options of {@linkcode ProxyError}. */
export interface ProxyErrorOptions extends ErrorOptions {
  /** What happened, for the texts that repeat it. */
  readonly why?: string | undefined;
}

/** A request that a proxy could not forward. */
export class ProxyError extends Error {
  /** Always `ProxyError`. */
  override readonly name = "ProxyError";
  /** What went wrong. */
  readonly code: ProxyErrorCode;

  /** @param subject The host, tunnel or user that the message is about. */
  constructor(
    code: ProxyErrorCode,
    subject: string,
    { why = "", ...options }: ProxyErrorOptions = {},
  ) {
    super(
      ERROR_TABLE[code].text.replaceAll(
        /\{(why)?\}/g,
        (_, isWhy) => isWhy === undefined ? subject : why,
      ),
      options,
    );
    this.code = code;
  }

  /** Status of the response. */
  get status(): number {
    return ERROR_TABLE[this.code].status;
  }

  /** Value of the `reason` label in metrics. */
  get reason(): string {
    return ERROR_TABLE[this.code].reason;
  }
}
