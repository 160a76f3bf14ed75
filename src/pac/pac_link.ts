/**
 * The program's end of one worker of a PAC script: asks it, and notices when it
 * does not answer.
 *
 * @module
 */
import { timer } from "../async/timer.ts";
import { PacError } from "./errors.ts";
import { TIME_LIMIT } from "./pac_engine.ts";
import { PAC_WORKER_URL } from "./pac_worker.ts";
import type {
  FromPacWorker,
  PacQuestion,
  PacReply,
  ToPacWorker,
} from "./wire.ts";

/** Starting a worker and its engine takes 0.1 s, and on a machine that is busy ten times as long. */
const LOAD_LIMIT: number = 5_000 + TIME_LIMIT;
/**
 * The engine stops a script after `TIME_LIMIT`. Some of its functions do not
 * look at the clock, and a busy machine is late; after this it hangs.
 */
const HANG_LIMIT: number = 4_000 + TIME_LIMIT;

/** How a worker ended. */
export type PacEnd = "hung" | "broken" | "disposed";

/** The worker has ended because of another question: this one can be asked again. */
export class AskAgain extends Error {
  /** Always `AskAgain`. */
  override readonly name = "AskAgain";
}

/** One worker. */
export class PacLink {
  readonly #url: string;
  readonly #worker: Worker;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #onAlert: (text: string) => void;
  readonly #onEnd: (how: PacEnd) => void;
  /** Who waits, in the order in which the worker answers. */
  readonly #waiting: PromiseWithResolvers<PacReply>[] = [];
  #watch: Disposable;
  #isLoaded = false;
  #end: PacError | undefined;

  /** @param on Told of what the script says with `alert()`, and once of the end. */
  constructor(source: string, on: {
    readonly alert: (text: string) => void;
    readonly end: (how: PacEnd) => void;
  }) {
    this.#onAlert = on.alert;
    this.#onEnd = on.end;
    // Nobody may be waiting for it when it fails.
    this.#loaded.promise.catch(() => {});
    this.#url = workerUrl();
    this.#worker = new Worker(this.#url, {
      type: "module",
      name: "pac",
      deno: { permissions: "none" },
    });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      // Otherwise it would be an error of the program.
      event.preventDefault();
      this.#fail("broken", event.message.split("\n", 1)[0] ?? "");
    };
    this.#watch = timer(LOAD_LIMIT, () => this.#hangs(LOAD_LIMIT));
    this.#send({ kind: "load", source });
  }

  /** Resolves when the script is loaded. @throws {PacError} When it cannot be. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  /**
   * Has the script run once.
   *
   * @throws {PacError} When this question ended the worker.
   * @throws {AskAgain} When another one did.
   */
  async ask(question: PacQuestion): Promise<PacReply> {
    if (!this.#isLoaded) await this.loaded;
    if (this.#end !== undefined) throw again(this.#end);
    const reply = Promise.withResolvers<PacReply>();
    this.#waiting.push(reply);
    if (this.#waiting.length === 1) this.#watchOn();
    this.#send({ kind: "ask", question });
    return await reply.promise;
  }

  /** Ends the worker, whatever it does. */
  close(): void {
    this.#fail("disposed", "Cannot use the PAC: the program stops");
  }

  #send(message: ToPacWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromPacWorker): void {
    // What was on its way when it ended.
    if (this.#end !== undefined) return;
    switch (message.kind) {
      case "alert":
        return this.#onAlert(message.text);
      case "broken":
        return this.#fail("broken", message.message);
      case "loaded":
        this.#isLoaded = true;
        URL.revokeObjectURL(this.#url);
        this.#watchOn();
        return this.#loaded.resolve();
      case "reply":
        this.#waiting.shift()?.resolve(message.reply);
        return this.#watchOn();
    }
  }

  /** Gives the next answer its time. */
  #watchOn(): void {
    this.#watch[Symbol.dispose]();
    if (this.#waiting.length === 0) return;
    this.#watch = timer(HANG_LIMIT, () => this.#hangs(HANG_LIMIT));
  }

  #hangs(limit: number): void {
    const message =
      `Cannot use the PAC: it did not come back within ${limit} ms and was ended`;
    this.#fail("hung", message);
  }

  #fail(how: PacEnd, message: string): void {
    if (this.#end !== undefined) return;
    const end = new PacError(message);
    this.#end = end;
    this.#watch[Symbol.dispose]();
    this.#worker.terminate();
    URL.revokeObjectURL(this.#url);
    this.#loaded.reject(end);
    this.#onEnd(how);
    // The first one is the one that was being answered.
    const [guilty, ...others] = this.#waiting.splice(0);
    guilty?.reject(end);
    for (const { reject } of others) reject(again(end));
  }
}

function again(cause: PacError): AskAgain {
  return new AskAgain("Another question ended the worker", { cause });
}

/** The import is a literal: what is named so is read without a permission. */
function workerUrl(): string {
  const code = `
    import { servePac } from ${JSON.stringify(PAC_WORKER_URL)};
    servePac(self);
  `;
  return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
}
