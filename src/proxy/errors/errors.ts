/**
 * What a proxy throws when it cannot carry out an exchange.
 *
 * @module
 */
import { OUTCOMES, type ProxyErrorCode } from "./error_table.ts";

export type { ProxyErrorCode } from "./error_table.ts";

/** An exchange that a proxy could not carry out. */
export class ProxyError extends Error {
  /** Always `ProxyError`. */
  override readonly name = "ProxyError";
  /** What went wrong. */
  readonly code: ProxyErrorCode;

  /** @param subject The host, tunnel or user that the message is about. */
  constructor(code: ProxyErrorCode, subject: string, options?: ErrorOptions) {
    super(OUTCOMES[code].text.replaceAll("{}", () => subject), options);
    this.code = code;
  }

  /** Status of the answer. */
  get status(): number {
    return OUTCOMES[this.code].status;
  }

  /** The word that metrics count it under. */
  get reason(): string {
    return OUTCOMES[this.code].reason;
  }
}
