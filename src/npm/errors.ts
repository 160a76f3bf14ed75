import type { HostError } from "./messages.ts";

/**
 * Why a tunnel did not start, or ended. The message is a sentence that names
 * who failed and what to do; of several mistakes in options, a line for each.
 */
export class NodeTunnelError extends Error {
  /** `ConfigError`, `ClientError`, `PluginError`, `PacError`, `ListenError`, or another name of an error. */
  override readonly name: string;
  /** What is wrong, as the errors of that name list it: `unauthorized`, `badValue`. */
  readonly code: string | undefined;

  /** Makes the error that the tunnel reports. */
  constructor({ name, code, message }: HostError) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

/** A problem of the installation, in one sentence. */
export class InstallationError extends Error {
  override readonly name = "InstallationError";
}
