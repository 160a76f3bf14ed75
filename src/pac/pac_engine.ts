/*
 * The engine of one PAC script, for use in a worker.
 *
 * The script can call only the functions of `pac_functions.js`. Its time,
 * memory and stack are bounded. A script cannot wait: when it looks up a name
 * whose addresses are not known yet, the run is stopped, and the outcome names
 * what is missing.
 */
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import variant from "@jitl/quickjs-singlefile-mjs-release-sync";
import { ipBytes } from "../net/address/address.ts";
import { PacError } from "./errors.ts";
import functions from "./pac_functions.js" with { type: "text" };

/** How long loading a script, or all runs for one URL, may take in milliseconds. Real scripts take less than one. */
export const TIME_LIMIT = 1_000;
/**
 * What the engine, a script and its data may take, in bytes. Long lists of hosts
 * are some hundred KB. It bounds the memory of WebAssembly: `setMemoryLimit()`
 * only looks at single allocations there.
 */
const MEMORY_LIMIT: number = 64 * 1024 * 1024;
/** What the engine starts with, in bytes: it is compiled for that. */
const INITIAL_MEMORY: number = 16 * 1024 * 1024;
/** One page of WebAssembly, in bytes. */
const PAGE: number = 64 * 1024;
/**
 * In bytes: some 700 nested calls of a script. The engine's functions take up to
 * five times as much of the stack of JavaScript, which has about 1 MB. With
 * 256 KiB, deep JSON uses that up before the engine notices.
 */
const STACK_LIMIT: number = 128 * 1024;
/** Characters of texts from a script. A result names ten proxies at most; DNS names have up to 253. */
const MAX_RESULT = 4_096;
const MAX_NAME = 255;
const MAX_MESSAGE = 1_000;
/** Alerts of one run. Each is a line of the log. */
const MAX_ALERTS = 20;

/** The addresses that a script may have. */
export interface KnownAddresses {
  /** The addresses of names that earlier runs looked up in vain. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** The addresses of this machine, once an earlier run has wanted them. */
  readonly own: readonly string[] | undefined;
}

/** The addresses that it wanted and did not have: those of a name, or of this machine. */
export interface MissingAddresses {
  readonly name: string | undefined;
}

/** What one run of the script is given. */
export interface PacRun extends KnownAddresses {
  readonly url: string;
  readonly host: string;
  /** In milliseconds. */
  readonly timeLimit: number;
}

/** How a run ended. */
export type RunOutcome =
  | { readonly kind: "result"; readonly text: string }
  /** It needs the addresses of a name, or of this machine. `took` in milliseconds. */
  | MissingAddresses & { readonly kind: "missing"; readonly took: number }
  | { readonly kind: "failed"; readonly message: string };

/** The engine has failed. It must not be used or disposed: an assertion would end the WebAssembly of the program. */
export class BrokenEngine extends Error {
  /** Always `BrokenEngine`. */
  override readonly name = "BrokenEngine";
}

/** A script in an engine of its own. */
export class PacEngine {
  readonly #context: QuickJSContext;
  readonly #onAlert: (text: string) => void;
  #names: PacRun["names"] = new Map();
  #own: readonly string[] | undefined;
  /** What the last run looked up in vain first: a name, or this machine's addresses. */
  #missing: MissingAddresses | undefined;
  #alerts = 0;
  /** Those of loading, which may have to begin again. */
  #held: string[] | undefined;
  #deadline = 0;
  /** Whether the last evaluation was ended by the limit of time. */
  #wasEnded = false;

  private constructor(
    context: QuickJSContext,
    onAlert: (text: string) => void,
  ) {
    this.#context = context;
    this.#onAlert = onAlert;
  }

  /**
   * Loads a script. What it looks up while it is loaded must be known.
   *
   * @throws {PacError} When it is broken.
   * @throws {BrokenEngine}
   */
  static async load(
    source: string,
    onAlert: (text: string) => void,
    { names, own }: KnownAddresses,
  ): Promise<PacEngine | MissingAddresses> {
    const runtime = (await openModule()).newRuntime();
    runtime.setMaxStackSize(STACK_LIMIT);
    const engine = new PacEngine(runtime.newContext(), onAlert);
    runtime.setInterruptHandler(() => engine.#isLate());
    engine.#names = names;
    engine.#own = own;
    return engine.#start(source) ?? engine;
  }

  /** Runs the script once. @throws {BrokenEngine} */
  run({ url, host, names, own, timeLimit }: PacRun): RunOutcome {
    this.#names = names;
    this.#own = own;
    const start = performance.now();
    const result = this.#find(url, host, timeLimit);
    // A script that catches the error has a result, but made without the name.
    if (this.#missing === undefined) return result;
    const took = performance.now() - start;
    if (took >= timeLimit) return { kind: "failed", message: tooLong() };
    return { kind: "missing", name: this.#missing.name, took };
  }

  /** @returns What the script wants to know, if it does not know it. */
  #start(source: string): MissingAddresses | undefined {
    this.#give("__bytes", (ip) => ipBytes(ip));
    this.#give("__mine", () => {
      if (this.#own === undefined) this.#missing ??= { name: undefined };
      return this.#own;
    });
    this.#give("__alert", (text) => this.#alert(text));
    this.#give("__known", (name) => {
      if (name.length > MAX_NAME) return [];
      const known = this.#names.get(name);
      if (known === undefined) this.#missing ??= { name };
      return known;
    });
    this.#evaluate(`((known, mine) => {
      const or = (value) => {
        if (value === undefined) throw new Error("this is looked up first");
        return value;
      };
      globalThis.__resolve = (name) => or(known(name));
      globalThis.__mine = () => or(mine());
    })(__known, __mine)`);
    this.#evaluate(`(() => {${functions}})()`);
    const held = this.#held = [];
    try {
      this.#evaluate(source);
    } catch (cause) {
      if (this.#missing === undefined) throw cause;
    }
    if (this.#missing !== undefined) return this.#missing;
    this.#held = undefined;
    held.forEach(this.#onAlert);
    const kinds = this.#evaluate(
      "[typeof FindProxyForURL, typeof FindProxyForURLEx].join()",
    );
    if (kinds.includes("function")) return undefined;
    throw new PacError(
      "Cannot use the PAC: it has no function FindProxyForURL",
    );
  }

  #find(url: string, host: string, timeLimit: number): RunOutcome {
    const [first, second] = [url, host].map((each) => JSON.stringify(each));
    this.#missing = undefined;
    this.#alerts = 0;
    try {
      const text = this.#evaluate(
        `(() => {
          const find = typeof FindProxyForURLEx === "function"
            ? FindProxyForURLEx : FindProxyForURL;
          // Cut in here: long texts take time to copy out of the engine.
          try {
            return String(find(${first}, ${second}) ?? "").slice(0, ${MAX_RESULT} + 1);
          } catch (error) {
            const text = String(error?.message ?? error);
            throw text.length > ${MAX_MESSAGE}
              ? new Error(text.slice(0, ${MAX_MESSAGE})) : error;
          }
        })()`,
        timeLimit,
      );
      if (text.length <= MAX_RESULT) return { kind: "result", text };
      const message = `its result has more than ${MAX_RESULT} characters`;
      return { kind: "failed", message: `Cannot use the PAC: ${message}` };
    } catch (cause) {
      if (!(cause instanceof PacError)) throw cause;
      return { kind: "failed", message: cause.message };
    }
  }

  #alert(text: string): void {
    this.#alerts += 1;
    if (this.#alerts > MAX_ALERTS) return;
    const part = text.slice(0, MAX_MESSAGE);
    if (this.#held === undefined) this.#onAlert(part);
    else this.#held.push(part);
  }

  /** Whether the script has to end. */
  #isLate(): boolean {
    this.#wasEnded = performance.now() > this.#deadline;
    return this.#wasEnded;
  }

  /** Evaluates code. @returns Its value as text. */
  #evaluate(code: string, timeLimit = TIME_LIMIT): string {
    this.#deadline = performance.now() + timeLimit;
    this.#wasEnded = false;
    try {
      const result = this.#context.evalCode(code, "pac.js");
      if (result.error === undefined) {
        return String(result.value.consume(this.#context.dump));
      }
      const error: unknown = result.error.consume(this.#context.dump);
      throw new PacError(
        this.#wasEnded ? tooLong() : `Cannot use the PAC: ${reasonOf(error)}`,
      );
    } catch (cause) {
      if (cause instanceof PacError) throw cause;
      // JavaScript's own stack or memory was used up inside the engine.
      throw new BrokenEngine(
        `Cannot use the PAC: it nests too deeply (${cause})`,
        { cause },
      );
    }
  }

  /** Gives the script a function of ours. Data passes as JSON. */
  #give(name: string, call: (text: string) => unknown): void {
    const context = this.#context;
    context.newFunction(`${name}Json`, (text) => {
      const result = call(context.getString(text));
      return context.newString(JSON.stringify(result) ?? "");
    }).consume((handle) =>
      context.setProp(context.global, `${name}Json`, handle)
    );
    this.#evaluate(`globalThis.${name} = (text) => {
      const json = ${name}Json(String(text).slice(0, ${MAX_MESSAGE}));
      return json === "" ? undefined : JSON.parse(json);
    }`);
  }
}

/** Each script has an engine of its own: the limit of its memory is that of the script. */
async function openModule(): Promise<QuickJSWASMModule> {
  const wasmMemory = new WebAssembly.Memory({
    initial: INITIAL_MEMORY / PAGE,
    maximum: MEMORY_LIMIT / PAGE,
  });
  return await newQuickJSWASMModuleFromVariant(
    newVariant(variant, { wasmMemory }),
  );
}

function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null) {
    return String(error).slice(0, MAX_MESSAGE);
  }
  const name = "name" in error ? String(error.name) : "Error";
  const message = "message" in error ? String(error.message) : "";
  return `${name}: ${message}`.slice(0, MAX_MESSAGE);
}

function tooLong(): string {
  return `Cannot use the PAC: it took longer than ${TIME_LIMIT} ms`;
}
