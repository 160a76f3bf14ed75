/**
 * The engine of one PAC script, for use in a worker.
 *
 * It has no way out but the functions of `pac_functions.js`, and bounds on time,
 * memory and stack. A script cannot wait: where it asks for an address that is
 * not known yet, it is stopped, and told so to whoever asked.
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
import { ipBytes } from "../net/address/address.ts";
import { PacError } from "./errors.ts";
import functions from "./pac_functions.js" with { type: "text" };
import type { PacQuestion, PacReply } from "./wire.ts";

/** How long loading a script, or the runs for one question together, may take, in milliseconds: real ones take less than one. */
export const TIME_LIMIT = 1_000;
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
/**
 * In bytes: some 700 calls of a script. The engine's functions take up to five
 * times as much of the stack of JavaScript, which has about 1 MB: with 256 KiB
 * deep JSON is at its end before the engine notices.
 */
const STACK_LIMIT: number = 128 * 1024;
/** Characters of what a script says: an answer names ten places at the most, and DNS has no longer names than 253. */
const MAX_ANSWER = 4_096;
const MAX_NAME = 255;
const MAX_MESSAGE = 1_000;
/** Alerts of one run; each is a line of the log. */
const MAX_ALERTS = 20;

/** The engine has failed and is not to be used, nor disposed: it would end the program's WebAssembly with an assertion. */
export class BrokenEngine extends Error {
  /** Always `BrokenEngine`. */
  override readonly name = "BrokenEngine";
}

/** A script in an engine of its own. */
export class PacEngine {
  readonly #context: QuickJSContext;
  readonly #onAlert: (text: string) => void;
  #names: PacQuestion["names"] = new Map();
  #own: readonly string[] | undefined;
  /** What the last run asked for in vain first; without a name, this machine's addresses. */
  #missing: { readonly name: string | undefined } | undefined;
  #alerts = 0;
  #deadline = 0;

  private constructor(
    context: QuickJSContext,
    onAlert: (text: string) => void,
  ) {
    this.#context = context;
    this.#onAlert = onAlert;
  }

  /** Loads a script. @throws {PacError} When it is broken. @throws {BrokenEngine} */
  static async load(
    source: string,
    onAlert: (text: string) => void,
  ): Promise<PacEngine> {
    const runtime = (await openModule()).newRuntime();
    runtime.setMaxStackSize(STACK_LIMIT);
    const engine = new PacEngine(runtime.newContext(), onAlert);
    runtime.setInterruptHandler(() => performance.now() > engine.#deadline);
    engine.#start(source);
    return engine;
  }

  /** Runs the script once. @throws {BrokenEngine} */
  ask({ url, host, names, own, timeLimit }: PacQuestion): PacReply {
    this.#names = names;
    this.#own = own;
    const start = performance.now();
    const result = this.#find(url, host, timeLimit);
    // A script that catches what stops it has an answer, made without the name.
    if (this.#missing === undefined) return result;
    const took = performance.now() - start;
    if (took >= timeLimit) return { kind: "failed", message: tooLong() };
    return { kind: "missing", name: this.#missing.name, took };
  }

  #start(source: string): void {
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
    this.#run(`((known, mine) => {
      const or = (value) => {
        if (value === undefined) throw new Error("this is looked up first");
        return value;
      };
      globalThis.__resolve = (name) => or(known(name));
      globalThis.__mine = () => or(mine());
    })(__known, __mine)`);
    this.#run(`(() => {${functions}})()`);
    this.#run(source);
    const kinds = this.#run(
      "[typeof FindProxyForURL, typeof FindProxyForURLEx].join()",
    );
    if (!kinds.includes("function")) {
      throw new PacError(
        "Cannot use the PAC: it has no function FindProxyForURL",
      );
    }
  }

  #find(url: string, host: string, timeLimit: number): PacReply {
    const [first, second] = [url, host].map((each) => JSON.stringify(each));
    this.#missing = undefined;
    this.#alerts = 0;
    try {
      const text = this.#run(
        `(() => {
          const find = typeof FindProxyForURLEx === "function"
            ? FindProxyForURLEx : FindProxyForURL;
          // Cut in here: long texts take their time on the way out.
          try {
            return String(find(${first}, ${second}) ?? "").slice(0, ${MAX_ANSWER} + 1);
          } catch (error) {
            const text = String(error?.message ?? error);
            throw text.length > ${MAX_MESSAGE}
              ? new Error(text.slice(0, ${MAX_MESSAGE})) : error;
          }
        })()`,
        timeLimit,
      );
      if (text.length <= MAX_ANSWER) return { kind: "answer", text };
      const message = `its answer has more than ${MAX_ANSWER} characters`;
      return { kind: "failed", message: `Cannot use the PAC: ${message}` };
    } catch (cause) {
      if (!(cause instanceof PacError)) throw cause;
      return { kind: "failed", message: cause.message };
    }
  }

  #alert(text: string): void {
    this.#alerts += 1;
    if (this.#alerts <= MAX_ALERTS) this.#onAlert(text.slice(0, MAX_MESSAGE));
  }

  /** Runs a text; gives its value as text. */
  #run(code: string, timeLimit = TIME_LIMIT): string {
    this.#deadline = performance.now() + timeLimit;
    try {
      const result = this.#context.evalCode(code, "pac.js");
      if (result.error === undefined) {
        return String(result.value.consume(this.#context.dump));
      }
      const error: unknown = result.error.consume(this.#context.dump);
      throw new PacError(`Cannot use the PAC: ${reasonOf(error)}`);
    } catch (cause) {
      if (cause instanceof PacError) throw cause;
      // JavaScript's own stack or memory was used up in the middle of the engine.
      throw new BrokenEngine(
        `Cannot use the PAC: it nests too deep (${cause})`,
        { cause },
      );
    }
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
      const json = ${name}Json(String(text).slice(0, ${MAX_MESSAGE}));
      return json === "" ? undefined : JSON.parse(json);
    }`);
  }
}

/** An engine of its own for each script: what it may take is what its memory may grow to. */
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
  if (message === "interrupted") return `it took longer than ${TIME_LIMIT} ms`;
  return `${name}: ${message}`.slice(0, MAX_MESSAGE);
}

function tooLong(): string {
  return `Cannot use the PAC: it took longer than ${TIME_LIMIT} ms`;
}
