/*
 * Calls between two ends that share nothing but messages: the program and a
 * worker. Each end calls functions of the other by name, and may cancel a call.
 * Arguments and results are what `postMessage()` can send.
 *
 * Messages that arise together are posted as one list, because waking the
 * other thread costs more than what they hold. Those that pass for each request
 * may cross as text, which costs less than objects.
 */

/** The functions that one end offers to the other. */
export type RpcFunctions<T> = {
  readonly [Name in keyof T]: (...args: never[]) => unknown;
};

/** One call, as it arrives. */
export type RpcCall<T extends RpcFunctions<T>> = {
  readonly [Name in keyof T]: {
    readonly kind: "call";
    /** 0 when nobody waits for the result. */
    readonly id: number;
    readonly name: Name;
    readonly args: Parameters<T[Name]>;
  };
}[keyof T];

/** The outcome of a call. */
interface ResultMessage {
  readonly kind: "result";
  readonly id: number;
  readonly value: unknown;
}

/** What an end receives. `T` are the functions that it offers. */
export type RpcMessage<T extends RpcFunctions<T>, Failure> =
  | RpcCall<T>
  | ResultMessage
  | { readonly kind: "error"; readonly id: number; readonly error: Failure }
  | { readonly kind: "cancel"; readonly id: number };

/** Messages as text. */
export interface RpcCodec {
  /** The message as text; `undefined` where it has to cross as it is. */
  encode(message: RpcOutgoing): string | undefined;
  /** The message that it was. @throws When the text makes no sense. */
  decode(text: string): unknown;
}

/** A message before it is posted. */
export interface RpcOutgoing {
  readonly kind: string;
  readonly id?: number;
  readonly [part: string]: unknown;
}

/** What one end is made of. */
export interface RpcOptions<Own extends RpcFunctions<Own>, Failure> {
  /** Sends a list of messages, which `receive()` of the other end takes. */
  readonly post: (
    messages: readonly (RpcOutgoing | string)[],
    transfer: Transferable[],
  ) => void;
  /** What crosses as text; nothing if left out. Both ends need the same. */
  readonly codec?: RpcCodec | undefined;
  /** Carries out a call of the other end. */
  readonly serve: (call: RpcCall<Own>) => unknown;
  /** Calls of the other end that may run at once; all if left out. */
  readonly maxCalls?: number;
  /** An error as data. */
  readonly encodeError: (thrown: unknown) => Failure;
  /** The error that it was. */
  readonly decodeError: (failure: Failure) => unknown;
}

/** Notifies a caller that its result is no longer wanted. */
export interface Cancellation {
  onAbort(listener: CancelListener): Disposable;
}

/** An object rather than a function: it is made for each call (decision 34). */
export interface CancelListener {
  /** Nobody waits any more. */
  cancel(): void;
}

/** A call that can be aborted where it runs. */
export interface Abortable {
  abort(reason: unknown): void;
}

/** A call that waits for its result. */
class Waiting implements CancelListener {
  readonly result: PromiseWithResolvers<unknown> = Promise.withResolvers();
  listening: Disposable | undefined;
  readonly #id: number;
  readonly #notifier: Notifier;

  constructor(id: number, notifier: Notifier) {
    this.#id = id;
    this.#notifier = notifier;
  }

  /** Notifies the other end that nobody waits. */
  cancel(): void {
    this.#notifier.post({ kind: "cancel", id: this.#id });
  }
}

/** Sends messages to the other end. */
interface Notifier {
  post(message: RpcOutgoing): void;
}

/** A message to post, with the buffers that go with it. */
class Outgoing {
  readonly message: RpcOutgoing;
  readonly transfer: Transferable[];
  /** What is posted. */
  readonly posted: RpcOutgoing | string;

  constructor(
    message: RpcOutgoing,
    transfer: Transferable[],
    codec: RpcCodec | undefined,
  ) {
    this.message = message;
    this.transfer = transfer;
    this.posted = codec?.encode(message) ?? message;
  }
}

const NO_TRANSFER: Transferable[] = [];

// A plugin may replace the global one.
const { queueMicrotask } = globalThis;

/** One end. `Theirs` are the functions of the other end, `Own` those of this one. */
export class RpcEndpoint<
  Theirs extends RpcFunctions<Theirs>,
  Own extends RpcFunctions<Own>,
  Failure,
> {
  readonly #options: RpcOptions<Own, Failure>;
  /**
   * Calls that wait for their result, by their number less 1. Numbers are used
   * again: a `Map` would make what requests leave old (decision 34).
   */
  readonly #waiting: (Waiting | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #notifier: Notifier = {
    post: (message) => this.#post(message, NO_TRANSFER),
  };
  /** Calls of the other end that can be aborted. */
  readonly #abortable = new Map<number, Abortable>();
  /** Messages to be posted within this turn. */
  #outgoing: Outgoing[] = [];
  #running = 0;
  #end: Error | undefined;

  constructor(options: RpcOptions<Own, Failure>) {
    this.#options = options;
  }

  /**
   * Calls a function of the other end.
   *
   * @throws What the function throws; the reason of `close()`.
   */
  call<Name extends keyof Theirs>(
    name: Name,
    args: Parameters<Theirs[Name]>,
    cancellation?: Cancellation,
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const at = this.#free.pop() ?? this.#waiting.length;
    const id = at + 1;
    const waiting = this.#waiting[at] = new Waiting(id, this.#notifier);
    this.#post({ kind: "call", id, name, args }, NO_TRANSFER);
    waiting.listening = cancellation?.onAbort(waiting);
    // What the other end returns is checked by the caller, if at all.
    return waiting.result.promise as Promise<
      Awaited<ReturnType<Theirs[Name]>>
    >;
  }

  /** Calls a function of the other end without waiting for a result. It leaves at once, whatever this end does next. */
  notify<Name extends keyof Theirs>(
    name: Name,
    args: Parameters<Theirs[Name]>,
    transfer: Transferable[] = NO_TRANSFER,
  ): void {
    this.#post({ kind: "call", id: 0, name, args }, transfer);
    this.#flush();
  }

  /** Aborts `call` when the other end cancels the call with this number. */
  abortOnCancel(id: number, call: Abortable): void {
    this.#abortable.set(id, call);
  }

  /** Whether no call runs here or waits for the other end, and nothing is to be posted. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#free.length === this.#waiting.length &&
      this.#outgoing.length === 0;
  }

  /** Rejects all calls that wait, and those to come. */
  close(reason: Error): void {
    this.#end ??= reason;
    for (const at of this.#waiting.keys()) this.#take(at + 1)?.reject(reason);
  }

  /** Takes what the other end has posted. @throws When it makes no sense. */
  receive(messages: readonly (RpcMessage<Own, Failure> | string)[]): void {
    const { codec } = this.#options;
    for (const message of messages) {
      if (typeof message !== "string") this.#receive(message);
      else this.#receive(codec?.decode(message) as RpcMessage<Own, Failure>);
    }
  }

  #receive(message: RpcMessage<Own, Failure>): void {
    switch (message.kind) {
      case "call":
        return message.id === 0 ? this.#hear(message) : this.#begin(message);
      case "result":
        return this.#take(message.id)?.resolve(message.value);
      case "error": {
        const error = this.#options.decodeError(message.error);
        return this.#take(message.id)?.reject(error);
      }
      case "cancel":
        return this.#abortable.get(message.id)?.abort(
          new DOMException("Nobody waits for this call", "AbortError"),
        );
    }
  }

  #post(message: RpcOutgoing, transfer: Transferable[]): void {
    const outgoing = new Outgoing(message, transfer, this.#options.codec);
    if (this.#outgoing.push(outgoing) > 1) return;
    // Calls that begin together get here within a few steps.
    queueMicrotask(() => queueMicrotask(() => this.#flush()));
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    if (outgoing.length === 0 || this.#end !== undefined) return;
    this.#outgoing = [];
    try {
      this.#options.post(
        outgoing.map(({ posted }) => posted),
        outgoing.flatMap(({ transfer }) => transfer),
      );
    } catch (thrown) {
      // One of them cannot be sent: the others can.
      for (const each of outgoing) this.#postAlone(each, thrown);
    }
  }

  #postAlone({ message, transfer }: Outgoing, thrown: unknown): void {
    try {
      this.#options.post([message], transfer);
    } catch {
      const { kind, id = 0 } = message;
      if (kind === "call") return this.#take(id)?.reject(thrown);
      if (kind !== "result") return;
      const error = this.#options.encodeError(thrown);
      this.#options.post([{ kind: "error", id, error }], NO_TRANSFER);
    }
  }

  #take(id: number): PromiseWithResolvers<unknown> | undefined {
    const waiting = this.#waiting[id - 1];
    if (waiting === undefined) return undefined;
    this.#waiting[id - 1] = undefined;
    this.#free.push(id - 1);
    waiting.listening?.[Symbol.dispose]();
    return waiting.result;
  }

  /** Nobody waits for the result, nor for a failure that comes later. */
  #hear(call: RpcCall<Own>): void {
    const result = this.#options.serve(call);
    if (result instanceof Promise) result.catch(() => {});
  }

  #begin(call: RpcCall<Own>): void {
    const { maxCalls = Infinity } = this.#options;
    if (this.#running >= maxCalls) {
      throw new RangeError(`More than ${maxCalls} calls at once`);
    }
    this.#running += 1;
    void this.#serve(call);
  }

  async #serve(call: RpcCall<Own>): Promise<void> {
    const { id } = call;
    try {
      const result = this.#options.serve(call);
      // Most results are there at once.
      const value = result instanceof Promise ? await result : result;
      this.#post({ kind: "result", id, value }, NO_TRANSFER);
    } catch (thrown) {
      const error = this.#options.encodeError(thrown);
      this.#post({ kind: "error", id, error }, NO_TRANSFER);
    } finally {
      this.#running -= 1;
      this.#abortable.delete(id);
    }
  }
}
