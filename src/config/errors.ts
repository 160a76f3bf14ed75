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
 * A mistake in options, flags, environment or files, or several. The message has a line
 * for each. It says what is wrong, where it is set and what to do. It contains no
 * secrets.
 */
export class ConfigError extends Error {
  /** Always `ConfigError`. */
  override readonly name = "ConfigError";
  /** What is wrong; of several mistakes, the first. */
  readonly code: ConfigErrorCode;

  /** Makes an error with a line for each mistake. */
  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Most mistakes in one message, as many as a screen has lines: a wrong file has thousands. */
const MAX_TOLD = 20;

/** Mistakes after which an option may only seem to be missing. */
const HIDING: readonly ConfigErrorCode[] = [
  "unknownName",
  "unexpectedArgument",
  "badFile",
];

/** The mistakes that were found so far, so that a user hears of all at once. */
export class Mistakes {
  readonly #errors: ConfigError[] = [];
  readonly #options = new Set<string>();

  /** Whether options may only seem to be missing: a name is misspelt, an argument is in the place of one, or the file cannot be read. */
  get mayHideOptions(): boolean {
    return this.#errors.some(({ code }) => HIDING.includes(code));
  }

  /**
   * Adds a mistake.
   *
   * @param option The option that is set, but wrong.
   */
  add(error: ConfigError, option?: string): void {
    this.#errors.push(error);
    if (option !== undefined) this.#options.add(option);
  }

  /** Whether this option is set, but wrong. */
  concern(option: string): boolean {
    return this.#options.has(option);
  }

  /** Makes a check. Gives its result; `undefined` after a mistake. */
  attempt<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  /** The same for a check that takes time. */
  async attemptLater<T>(check: Promise<T>): Promise<T | undefined> {
    try {
      return await check;
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  /** @throws {ConfigError} With a line for each mistake, if there are any. */
  throwIfAny(): void {
    const [first, ...more] = this.#errors;
    if (first === undefined) return;
    if (more.length === 0) throw first;
    const lines = this.#errors.slice(0, MAX_TOLD).map(({ message }) => message);
    const rest = this.#errors.length - lines.length;
    if (rest === 1) lines.push("There is 1 more mistake");
    if (rest > 1) lines.push(`There are ${rest} more mistakes`);
    throw new ConfigError(first.code, lines.join("\n"));
  }

  #keep(error: unknown): void {
    if (!(error instanceof ConfigError)) throw error;
    this.add(error);
  }
}
