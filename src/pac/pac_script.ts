/*
 * A proxy auto-configuration (PAC) script: chooses the proxy for each URL.
 *
 * The script runs in a worker without permissions, in an engine of its own.
 * Whatever it does, it delays nothing but its own results. A script cannot
 * wait: when it looks up a name whose addresses are not known yet, the run is
 * stopped. The name is resolved here, and the script runs again.
 */
import { domainToASCII } from "node:url";
import { abortable } from "../async/abortable.ts";
import { deadline } from "../async/timer.ts";
import {
  hasWorkerPermissions,
  WORKER_PERMISSIONS_HINT,
} from "../async/worker_permissions.ts";
import type { Resolver } from "../net/names/resolver.ts";
import { PacError } from "./errors.ts";
import {
  type KnownAddresses,
  type MissingAddresses,
  type PacRun,
  type RunOutcome,
  TIME_LIMIT,
} from "./pac_engine.ts";
import { PacLink, WorkerEnded } from "./pac_link.ts";
import { type PacChoice, parsePacResult } from "./pac_result.ts";

/** Names that the script may look up for one URL. */
const MAX_NAMES = 32;
/**
 * How long one URL may take in milliseconds, with its look-ups and the URLs
 * before it. A browser gives up a page after some 30 s.
 */
const ANSWER_LIMIT = 20_000;
/**
 * Deno cannot end a worker that loops outside the engine's clock
 * (denoland/deno#35657). Each one takes a processor and 64 MB until the program
 * ends.
 */
const MAX_HUNG = 3;
/** The script runs for it when it is loaded: a broken script is found at the start. */
const TRIAL_URL = "https://sallyport.test/";

/** What a script is run with. */
export interface PacOptions {
  /** Looks up the addresses of a name. */
  readonly resolve: Resolver;
  /** The addresses of this machine, the best first. */
  readonly ownAddresses?: () => readonly string[];
  /** Called with what the script passes to `alert()`: at most 20 times a run, 1,000 characters each. */
  readonly onAlert?: (text: string) => void;
  /** How long one URL may take in all, in milliseconds; 20 s by default. */
  readonly answerLimit?: number;
}

/** A loaded script. Disposing ends its worker at once; calls that wait fail. */
export class PacScript implements Disposable {
  /** Its text. */
  readonly source: string;
  readonly #options: PacOptions;
  /** The worker. After its end, the next run starts another one. */
  #link: PacLink | undefined;
  #hung = 0;
  readonly #disposing = new AbortController();

  private constructor(source: string, options: PacOptions) {
    this.source = source;
    this.#options = options;
  }

  /** Loads a script and runs it once. @throws {PacError} When it is broken. */
  static async load(source: string, options: PacOptions): Promise<PacScript> {
    if (!hasWorkerPermissions()) {
      throw new PacError(
        "Cannot use the PAC: this program has no sandbox for it, " +
          WORKER_PERMISSIONS_HINT,
      );
    }
    const script = new PacScript(source, options);
    try {
      await script.#findWithin(
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
   * @throws {PacError} When the script fails, hangs, or gives no usable result.
   * @throws The signal's reason when it is aborted.
   */
  async find(url: string, signal: AbortSignal): Promise<readonly PacChoice[]> {
    const { answerLimit = ANSWER_LIMIT } = this.#options;
    return await this.#findWithin(answerLimit, url, signal);
  }

  [Symbol.dispose](): void {
    this.#link?.close();
    this.#disposing.abort();
  }

  async #findWithin(
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
    let known: KnownAddresses = { names: new Map(), own: undefined };
    let timeLimit = TIME_LIMIT;
    while (true) {
      const run = { url, host, ...known, timeLimit };
      const outcome = await this.#run(run, limits);
      if (outcome.kind === "result") return choicesOf(outcome.text);
      if (outcome.kind === "failed") throw new PacError(outcome.message);
      timeLimit -= outcome.took;
      known = await this.#learn(known, outcome, limits.signal);
    }
  }

  /** Adds the addresses that the script wanted. @throws {PacError} When they are too many. */
  async #learn(
    known: KnownAddresses,
    { name }: MissingAddresses,
    signal: AbortSignal,
  ): Promise<KnownAddresses> {
    if (name === undefined) {
      return { ...known, own: this.#options.ownAddresses?.() ?? [] };
    }
    if (known.names.size >= MAX_NAMES) throw tooManyNames();
    const addresses = await this.#lookUp(name, signal);
    return { ...known, names: new Map([...known.names, [name, addresses]]) };
  }

  /** Runs the script once. When another run ends the worker, it is started again in a new one. */
  async #run(
    run: PacRun,
    { signal, end }: Limits,
  ): Promise<RunOutcome> {
    while (true) {
      signal.throwIfAborted();
      if (performance.now() > end) throw late(ANSWER_LIMIT);
      try {
        return await this.#worker().run(run);
      } catch (cause) {
        if (!(cause instanceof WorkerEnded)) throw cause;
      }
    }
  }

  /** The worker, or a new one where it has ended. */
  #worker(): PacLink {
    if (this.#disposing.signal.aborted) {
      throw new PacError("Cannot use the PAC: the program stops");
    }
    if (this.#hung >= MAX_HUNG) {
      throw new PacError(
        `Cannot use the PAC: it hung ${MAX_HUNG} times, fix it and restart the program`,
      );
    }
    this.#link ??= new PacLink(this.source, {
      alert: (text) => this.#options.onAlert?.(text),
      learn: (known, missing) =>
        this.#learn(known, missing, this.#disposing.signal),
      end: (how) => {
        this.#link = undefined;
        if (how === "hung") this.#hung += 1;
      },
    });
    return this.#link;
  }

  async #lookUp(name: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      // DNS has international names in their ASCII form.
      const ascii = domainToASCII(name) || name;
      return await this.#options.resolve(ascii, signal) ?? [];
    } catch {
      signal.throwIfAborted();
      // A script cannot tell a name server that fails from a name that does not exist.
      return [];
    }
  }
}

/** What ends the search for one URL from outside. */
interface Limits {
  readonly signal: AbortSignal;
  /** When its time is up, by `performance.now()`. */
  readonly end: number;
}

function late(ms: number): PacError {
  return new PacError(`Cannot use the PAC: it gave no result within ${ms} ms`);
}

function tooManyNames(): PacError {
  return new PacError(
    `Cannot use the PAC: it looks up more than ${MAX_NAMES} names for one URL`,
  );
}

function choicesOf(result: string): readonly PacChoice[] {
  try {
    return parsePacResult(result);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new PacError(cause.message, { cause });
  }
}
