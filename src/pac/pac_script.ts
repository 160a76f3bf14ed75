/**
 * A proxy auto-configuration script: chooses the proxy for each URL.
 *
 * It runs in a worker without permissions, in an engine of its own: whatever it
 * does, it holds up nothing but its own answers. A script cannot wait: where it
 * asks for an address that is not known yet, it is stopped, the name is
 * resolved here, and it is run again.
 *
 * @module
 */
import { abortable } from "../async/abortable.ts";
import { deadline } from "../async/timer.ts";
import type { Resolver } from "../net/names/resolver.ts";
import { PacError } from "./errors.ts";
import { TIME_LIMIT } from "./pac_engine.ts";
import { AskAgain, PacLink } from "./pac_link.ts";
import { type PacChoice, parsePacResult } from "./pac_result.ts";
import type { PacQuestion, PacReply } from "./wire.ts";

/** Names that one question may look up. */
const MAX_NAMES = 32;
/**
 * How long one question may take with its look-ups, and with the questions
 * before it, in milliseconds: a browser gives up a page after some 30 s.
 */
const ANSWER_LIMIT = 20_000;
/**
 * Deno ends no worker that loops outside the engine's clock
 * (denoland/deno#35657): each one takes a processor and 64 MB for as long as
 * the program runs.
 */
const MAX_HUNG = 3;
/** Asked when the script is loaded, so that a broken one is found at the start. */
const TRIAL_URL = "https://sallyport.test/";

/** What a script is run with. */
export interface PacOptions {
  /** From names to addresses. */
  readonly resolve: Resolver;
  /** The addresses of this machine, the best first. */
  readonly ownAddresses?: () => readonly string[];
  /** Told what the script says with `alert()`: at most 20 times a run, 1,000 characters each. */
  readonly onAlert?: (text: string) => void;
  /** How long one question may take in all, in milliseconds; 20 s unless given. */
  readonly answerLimit?: number;
}

/** A loaded script. Disposing it ends its worker at once; those who wait are told. */
export class PacScript implements Disposable {
  /** Its text. */
  readonly source: string;
  readonly #options: PacOptions;
  /** The worker; after its end, a question starts another one. */
  #link: PacLink | undefined;
  #hung = 0;
  #isDisposed = false;

  private constructor(source: string, options: PacOptions) {
    this.source = source;
    this.#options = options;
  }

  /** Loads a script and asks it once. @throws {PacError} When it is broken. */
  static async load(source: string, options: PacOptions): Promise<PacScript> {
    const script = new PacScript(source, options);
    try {
      await script.#within(
        ANSWER_LIMIT,
        TRIAL_URL,
        new AbortController().signal,
      );
      return script;
    } catch (cause) {
      script[Symbol.dispose]();
      throw cause;
    }
  }

  /**
   * The places to try for a URL, in order.
   *
   * @throws {PacError} When the script fails, hangs, or gives no answer that can be used.
   * @throws The signal's reason when it is aborted.
   */
  async find(url: string, signal: AbortSignal): Promise<readonly PacChoice[]> {
    const { answerLimit = ANSWER_LIMIT } = this.#options;
    return await this.#within(answerLimit, url, signal);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#link?.close();
  }

  async #within(
    ms: number,
    url: string,
    signal: AbortSignal,
  ): Promise<readonly PacChoice[]> {
    const end = performance.now() + ms;
    const finding = abortable(this.#find(url, { signal, end }), signal);
    let isLate = false;
    try {
      return await deadline(finding, ms, () => isLate = true);
    } catch (cause) {
      throw isLate ? late(ms) : cause;
    }
  }

  async #find(url: string, limits: Limits): Promise<readonly PacChoice[]> {
    const { hostname } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, "");
    const names = new Map<string, readonly string[]>();
    let own: readonly string[] | undefined;
    let timeLimit = TIME_LIMIT;
    while (true) {
      const question = { url, host, names, own, timeLimit };
      const reply = await this.#ask(question, limits);
      if (reply.kind === "answer") return resultOf(reply.text);
      if (reply.kind === "failed") throw new PacError(reply.message);
      timeLimit -= reply.took;
      if (reply.name === undefined) own = this.#options.ownAddresses?.() ?? [];
      else if (names.size < MAX_NAMES) {
        names.set(reply.name, await this.#lookUp(reply.name, limits.signal));
      } else throw tooManyNames();
    }
  }

  /** Has the script run once, in another worker if one ends that was busy with something else. */
  async #ask(
    question: PacQuestion,
    { signal, end }: Limits,
  ): Promise<PacReply> {
    while (true) {
      signal.throwIfAborted();
      if (performance.now() > end) throw late(ANSWER_LIMIT);
      try {
        return await this.#worker().ask(question);
      } catch (cause) {
        if (!(cause instanceof AskAgain)) throw cause;
      }
    }
  }

  /** The worker, or a new one where it has ended. */
  #worker(): PacLink {
    if (this.#isDisposed) {
      throw new PacError("Cannot use the PAC: the program stops");
    }
    if (this.#hung >= MAX_HUNG) {
      throw new PacError(
        `Cannot use the PAC: it hung ${MAX_HUNG} times, mend it and restart the program`,
      );
    }
    this.#link ??= new PacLink(this.source, {
      alert: (text) => this.#options.onAlert?.(text),
      end: (how) => {
        this.#link = undefined;
        if (how === "hung") this.#hung += 1;
      },
    });
    return this.#link;
  }

  async #lookUp(name: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      return await this.#options.resolve(name, signal) ?? [];
    } catch {
      signal.throwIfAborted();
      // To the script, a name server that fails and a name that does not exist are one.
      return [];
    }
  }
}

/** What ends one question from outside. */
interface Limits {
  readonly signal: AbortSignal;
  /** When its time is over, by `performance.now()`. */
  readonly end: number;
}

function late(ms: number): PacError {
  return new PacError(`Cannot use the PAC: it gave no answer within ${ms} ms`);
}

function tooManyNames(): PacError {
  return new PacError(
    `Cannot use the PAC: it looks up more than ${MAX_NAMES} names for one URL`,
  );
}

function resultOf(answer: string): readonly PacChoice[] {
  try {
    return parsePacResult(answer);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new PacError(cause.message, { cause });
  }
}
