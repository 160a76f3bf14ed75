/**
 * A proxy auto-configuration script: chooses the proxy for each URL.
 *
 * It runs in an engine of its own, which has no way out but the functions of
 * `pac_functions.js`, and bounds on time and memory. A script cannot wait: where
 * it asks for an address that is not known yet, it is stopped, the name is
 * resolved, and it is run again.
 *
 * @module
 */
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import variant from "@jitl/quickjs-singlefile-mjs-release-sync";
import { ipBytes } from "../net/address.ts";
import type { Resolver } from "../net/resolver.ts";
import functions from "./pac_functions.js" with { type: "text" };
import { PacError } from "./errors.ts";
import { type PacChoice, parsePacResult } from "./pac_result.ts";

/** How long the runs for one question may take together, in milliseconds: real ones take less than one. */
const TIME_LIMIT = 1_000;
/**
 * What the engine, a script and its data may take, in bytes; long lists of hosts
 * are some hundred KB. It bounds the memory of the engine: `setMemoryLimit()`
 * only looks at single allocations where it is compiled to WebAssembly.
 */
const MEMORY_LIMIT: number = 64 * 1024 * 1024;
/** What the engine starts with, in bytes: what it is compiled for. */
const INITIAL_MEMORY: number = 16 * 1024 * 1024;
/** Of WebAssembly, in bytes. */
const PAGE: number = 64 * 1024;
const STACK_LIMIT: number = 512 * 1024;
/** Names that one question may look up. */
const MAX_NAMES = 32;
/** Asked when the script is loaded, so that a broken one is found at the start. */
const TRIAL_URL = "https://sallyport.test/";

/** What a script is run with. */
export interface PacOptions {
  /** From names to addresses. */
  readonly resolve: Resolver;
  /** The addresses of this machine, the best first. */
  readonly ownAddresses?: () => readonly string[];
  /** Told what the script says with `alert()`. */
  readonly onAlert?: (text: string) => void;
}

/** A loaded script. */
export class PacScript implements Disposable {
  /** Its text. */
  readonly source: string;
  readonly #options: PacOptions;
  readonly #context: QuickJSContext;
  #names: ReadonlyMap<string, readonly string[]> = new Map();
  /** What the last run asked for in vain, in order. */
  readonly #missing: string[] = [];
  #deadline = 0;

  private constructor(
    source: string,
    context: QuickJSContext,
    options: PacOptions,
  ) {
    this.source = source;
    this.#context = context;
    this.#options = options;
  }

  /** Loads a script and asks it once. @throws {PacError} When it is broken. */
  static async load(source: string, options: PacOptions): Promise<PacScript> {
    const runtime = (await openEngine()).newRuntime();
    runtime.setMaxStackSize(STACK_LIMIT);
    const script = new PacScript(source, runtime.newContext(), options);
    runtime.setInterruptHandler(() => performance.now() > script.#deadline);
    try {
      script.#start();
      await script.find(TRIAL_URL, new AbortController().signal);
      return script;
    } catch (cause) {
      script[Symbol.dispose]();
      throw cause;
    }
  }

  /**
   * The places to try for a URL, in order.
   *
   * @throws {PacError} When the script fails, or gives no answer that can be used.
   */
  async find(url: string, signal: AbortSignal): Promise<readonly PacChoice[]> {
    const { hostname } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, "");
    const names = new Map<string, readonly string[]>();
    let left = TIME_LIMIT;
    while (true) {
      this.#names = names;
      const start = performance.now();
      const answer = this.#ask(url, host, left);
      left -= performance.now() - start;
      // A script that catches what stops it has an answer, made without the name.
      const [name] = this.#missing;
      if (name === undefined) return resultOf(answer);
      if (names.size >= MAX_NAMES) {
        throw new PacError(
          `Cannot use the PAC: it looks up more than ${MAX_NAMES} names for one URL`,
        );
      }
      names.set(name, await this.#lookUp(name, signal));
    }
  }

  [Symbol.dispose](): void {
    const { runtime } = this.#context;
    this.#context.dispose();
    runtime.dispose();
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

  #start(): void {
    this.#give("__bytes", (ip) => ipBytes(ip));
    this.#give("__mine", () => this.#options.ownAddresses?.() ?? []);
    this.#give("__alert", (text) => void this.#options.onAlert?.(text));
    this.#give("__known", (name) => {
      const known = this.#names.get(name);
      if (known === undefined) this.#missing.push(name);
      return known;
    });
    this.#run(`function __resolve(name) {
      const known = __known(name);
      if (known === undefined) throw new Error("the name is looked up first");
      return known;
    }`);
    this.#run(`(() => {${functions}})()`);
    this.#run(this.source);
    const kinds = this.#run(
      "[typeof FindProxyForURL, typeof FindProxyForURLEx].join()",
    );
    if (!kinds.includes("function")) {
      throw new PacError(
        "Cannot use the PAC: it has no function FindProxyForURL",
      );
    }
  }

  #ask(url: string, host: string, timeLimit: number): string {
    const [first, second] = [url, host].map((each) => JSON.stringify(each));
    this.#missing.length = 0;
    try {
      return this.#run(
        `(() => {
          const find = typeof FindProxyForURLEx === "function"
            ? FindProxyForURLEx : FindProxyForURL;
          const answer = find(${first}, ${second});
          return answer === null || answer === undefined ? "" : String(answer);
        })()`,
        timeLimit,
      );
    } catch (cause) {
      if (this.#missing.length === 0 || timeLimit <= 0) throw cause;
      return "";
    }
  }

  /** Runs a text; gives its value as text. */
  #run(code: string, timeLimit = TIME_LIMIT): string {
    this.#deadline = performance.now() + timeLimit;
    const result = this.#context.evalCode(code, "pac.js");
    if (result.error === undefined) {
      return String(result.value.consume(this.#context.dump));
    }
    const error: unknown = result.error.consume(this.#context.dump);
    throw new PacError(`Cannot use the PAC: ${reasonOf(error)}`);
  }

  /** Makes a function of ours known to the script. Data goes as JSON. */
  #give(name: string, call: (text: string) => unknown): void {
    const context = this.#context;
    context.newFunction(`${name}Json`, (text) => {
      const answer = call(context.getString(text));
      return context.newString(JSON.stringify(answer) ?? "");
    }).consume((handle) =>
      context.setProp(context.global, `${name}Json`, handle)
    );
    this.#run(`globalThis.${name} = (text) => {
      const json = ${name}Json(String(text));
      return json === "" ? undefined : JSON.parse(json);
    }`);
  }
}

/** An engine of its own for each script: what it may take is what its memory may grow to. */
async function openEngine(): Promise<QuickJSWASMModule> {
  const wasmMemory = new WebAssembly.Memory({
    initial: INITIAL_MEMORY / PAGE,
    maximum: MEMORY_LIMIT / PAGE,
  });
  return await newQuickJSWASMModuleFromVariant(
    newVariant(variant, { wasmMemory }),
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

function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const name = "name" in error ? String(error.name) : "Error";
  const message = "message" in error ? String(error.message) : "";
  if (message === "interrupted") return `it took longer than ${TIME_LIMIT} ms`;
  return `${name}: ${message}`;
}
