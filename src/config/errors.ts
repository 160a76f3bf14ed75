/**
 * The error of everything that a user configured wrongly.
 *
 * @module
 */

/**
 * What is wrong:
 *
 * - `unknownName`: no option, key or command is called that;
 * - `missingValue`: an option that needs a value has none;
 * - `badValue`: the value is not one the option takes;
 * - `required`: options that must be set are not;
 * - `unexpectedArgument`: a word on the command line belongs to nothing;
 * - `badFile`: a file cannot be read, or is not what it should be.
 */
export type ConfigErrorCode =
  | "unknownName"
  | "missingValue"
  | "badValue"
  | "required"
  | "unexpectedArgument"
  | "badFile";

/**
 * A mistake in flags, environment or files. The message is one line that says
 * what is wrong, where it was set and what to do, with secrets left out.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** What is wrong. */
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
