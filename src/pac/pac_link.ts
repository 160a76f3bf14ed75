/*
 * The program's end of one worker of a PAC script: calls it, and notices when
 * it hangs.
 */
import { RpcEndpoint, type RpcMessage } from "../async/rpc.ts";
import { timer } from "../async/timer.ts";
import { PacError } from "./errors.ts";
import {
  type KnownAddresses,
  type MissingAddresses,
  type PacRun,
  type RunOutcome,
  TIME_LIMIT,
} from "./pac_engine.ts";
import {
  PAC_WORKER_URL,
  type PacFunctions,
  type PacListener,
} from "./pac_worker.ts";

/** Starting a worker and its engine takes 0.1 s, on a busy machine ten times as long. */
const LOAD_LIMIT: number = 5_000 + TIME_LIMIT;
/**
 * The engine stops a script after `TIME_LIMIT`. Some of its functions do not
 * look at the clock, and a busy machine is late. After this limit it hangs.
 */
const HANG_LIMIT: number = 4_000 + TIME_LIMIT;

/** How a worker ended. */
export type PacEnd = "hung" | "broken" | "disposed";

/** Another run has ended the worker: this one can be started again. */
export class WorkerEnded extends Error {
  /** Always `WorkerEnded`. */
  override readonly name = "WorkerEnded";
}

/** What a worker calls. */
export interface PacLinkEvents {
  /** Called with what the script passes to `alert()`. */
  readonly alert: (text: string) => void;
  /** Adds the addresses of a name, or of this machine, that the script wants while it is loaded. */
  readonly learn: (
    known: KnownAddresses,
    missing: MissingAddresses,
  ) => Promise<KnownAddresses>;
  /** Called once at the end. */
  readonly end: (how: PacEnd) => void;
}

/** One worker. */
export class PacLink {
  readonly #url: string;
  readonly #worker: Worker;
  readonly #rpc: RpcEndpoint<PacFunctions, PacListener, string>;
  readonly #loaded: Promise<void>;
  readonly #onEnd: (how: PacEnd) => void;
  /** Runs that were started, and runs that have ended. They end in order. */
  #started = 0;
  #finished = 0;
  #watch: Disposable;
  #isLoaded = false;
  #end: PacError | undefined;

  constructor(source: string, on: PacLinkEvents) {
    this.#onEnd = on.end;
    this.#url = workerUrl();
    const worker = new Worker(this.#url, {
      type: "module",
      name: "pac",
      deno: { permissions: "none" },
    });
    this.#worker = worker;
    this.#rpc = new RpcEndpoint({
      post: (messages, transfer) => worker.postMessage(messages, transfer),
      serve: (call) => on.alert(call.args[0]),
      encodeError: String,
      decodeError: (message) => new PacError(message),
    });
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      // Otherwise it would be an error of the program.
      event.preventDefault();
      this.#fail("broken", event.message.split("\n", 1)[0] ?? "");
    };
    this.#watch = timer(LOAD_LIMIT, () => this.#hangs(LOAD_LIMIT));
    this.#loaded = this.#load(source, on.learn);
    // Nobody may be waiting for it when it fails.
    this.#loaded.catch(() => {});
  }

  /**
   * Runs the script once.
   *
   * @throws {PacError} When it cannot be loaded, or this run ended the worker.
   * @throws {WorkerEnded} When another run ended the worker.
   */
  async run(run: PacRun): Promise<RunOutcome> {
    if (!this.#isLoaded) await this.#loaded;
    if (this.#end !== undefined) throw ended(this.#end);
    const turn = this.#started;
    this.#started += 1;
    if (turn === this.#finished) this.#watchOn();
    try {
      const outcome = await this.#rpc.call("run", [run]);
      this.#finished += 1;
      this.#watchOn();
      return outcome;
    } catch (thrown) {
      const end = this.#endAfter(thrown);
      // The run that was its turn is the one that ended the worker.
      throw turn === this.#finished ? end : ended(end);
    }
  }

  /** Ends the worker, whatever it does. */
  close(): void {
    this.#fail("disposed", "Cannot use the PAC: the program stops");
  }

  async #load(source: string, learn: PacLinkEvents["learn"]): Promise<void> {
    let known: KnownAddresses = { names: new Map(), own: undefined };
    try {
      while (true) {
        const missing = await this.#rpc.call("load", [source, known]);
        if (missing === undefined) break;
        // Looking up has its own time limit.
        this.#watch[Symbol.dispose]();
        known = await learn(known, missing);
        if (this.#end !== undefined) throw this.#end;
        this.#watch = timer(LOAD_LIMIT, () => this.#hangs(LOAD_LIMIT));
      }
    } catch (thrown) {
      throw this.#endAfter(thrown);
    }
    this.#isLoaded = true;
    URL.revokeObjectURL(this.#url);
    this.#watchOn();
  }

  #receive(messages: readonly RpcMessage<PacListener, string>[]): void {
    // A message may arrive after the end.
    if (this.#end === undefined) this.#rpc.receive(messages);
  }

  /** Gives the next outcome its time. */
  #watchOn(): void {
    this.#watch[Symbol.dispose]();
    if (this.#end !== undefined || this.#started === this.#finished) return;
    this.#watch = timer(HANG_LIMIT, () => this.#hangs(HANG_LIMIT));
  }

  #hangs(limit: number): void {
    const message =
      `Cannot use the PAC: it did not return within ${limit} ms and was ended`;
    this.#fail("hung", message);
  }

  /** A call that fails ends the worker: its engine is broken. */
  #endAfter(thrown: unknown): PacError {
    return this.#fail(
      "broken",
      thrown instanceof Error ? thrown.message : String(thrown),
    );
  }

  /** Ends the worker. @returns The first reason. */
  #fail(how: PacEnd, message: string): PacError {
    if (this.#end !== undefined) return this.#end;
    const end = new PacError(message);
    this.#end = end;
    this.#watch[Symbol.dispose]();
    this.#worker.terminate();
    URL.revokeObjectURL(this.#url);
    this.#onEnd(how);
    this.#rpc.close(end);
    return end;
  }
}

function ended(cause: PacError): WorkerEnded {
  return new WorkerEnded("Another run ended the worker", { cause });
}

/** The import is a literal: a worker may read it without any permission. */
function workerUrl(): string {
  const code = `
    import { servePacWorker } from ${JSON.stringify(PAC_WORKER_URL)};
    servePacWorker(self);
  `;
  return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
}
