import { ERROR_TABLE, type ProxyErrorCode } from "./error_table.ts";

export type { ProxyErrorCode } from "./error_table.ts";

/** A request that a proxy could not forward. */
export class ProxyError extends Error {
  /** Always `ProxyError`. */
  override readonly name = "ProxyError";
  /** What went wrong. */
  readonly code: ProxyErrorCode;

  /** @param subject The host, tunnel or user that the message is about. */
  constructor(code: ProxyErrorCode, subject: string, options?: ErrorOptions) {
    super(ERROR_TABLE[code].text.replaceAll("{}", () => subject), options);
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
