/**
 * What is wrong:
 *
 * - `unknownName`: there is no option, key or command with this name;
 * - `missingValue`: an option that needs a value has none;
 * - `badValue`: the value is invalid for the option;
 * - `required`: a required option or argument is not set;
 * - `unexpectedArgument`: the command takes no such argument;
 * - `badFile`: a file cannot be read or has invalid content.
 */
export type ConfigErrorCode =
  | "unknownName"
  | "missingValue"
  | "badValue"
  | "required"
  | "unexpectedArgument"
  | "badFile";

/**
 * A mistake in flags, environment or files. The message is one line. It says
 * what is wrong, where it is set and what to do. It contains no secrets.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
