import type { ErrorReport } from "./messages.ts";

/**
 * Why a tunnel did not start, or ended. The message is a sentence that names
 * who failed and what to do; of several mistakes in options, a line for each.
 */
export class TunnelError extends Error {
  /** `ConfigError`, `ClientError`, `PluginError`, `PacError`, `ListenError`, or another name of an error. */
  override readonly name: string;
  /** What is wrong, as the errors of that name list it: `unauthorized`, `badValue`. */
  readonly code: string | undefined;

  /** Makes the error that the tunnel reports. */
  constructor({ name, code, message }: ErrorReport) {
    super(message);
    this.name = name;
    this.code = code;
  }
}
