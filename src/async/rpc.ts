/*
 * Calls between two ends that share nothing but messages: the program and a
 * worker. Each end calls functions of the other by name, and may cancel a call.
 * Arguments and results are what `postMessage()` can send.
 *
 * Messages that arise together are posted as one list, because waking the
 * other thread costs more than what they hold.
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

/** What one end is made of. */
export interface RpcOptions<Own extends RpcFunctions<Own>, Failure> {
  /** Sends a list of messages, which `receive()` of the other end takes. */
  readonly post: (
    messages: readonly object[],
    transfer: Transferable[],
  ) => void;
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
  onAbort(listener: () => void): Disposable;
}

/** A call that can be aborted where it runs. */
export interface Abortable {
  abort(reason: unknown): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** A message to post, with the buffers that go with it. */
interface Outgoing {
  readonly message: {
    readonly kind: string;
    readonly id?: number;
    readonly [part: string]: unknown;
  };
  readonly transfer: Transferable[];
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
  /** Calls that wait for their result. */
  readonly #waiting = new Map<number, Waiting>();
  /** Calls of the other end that can be aborted. */
  readonly #abortable = new Map<number, Abortable>();
  /** Messages to be posted within this turn. */
  #outgoing: Outgoing[] = [];
  #lastId = 0;
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
  async call<Name extends keyof Theirs>(
    name: Name,
    args: Parameters<Theirs[Name]>,
    cancellation?: Cancellation,
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    const id = this.#nextId();
    this.#post({ kind: "call", id, name, args }, NO_TRANSFER);
    const result = Promise.withResolvers<Awaited<ReturnType<Theirs[Name]>>>();
    this.#waiting.set(id, result);
    if (cancellation === undefined) return await result.promise;
    using _listening = cancellation.onAbort(() =>
      this.#post({ kind: "cancel", id }, NO_TRANSFER)
    );
    return await result.promise;
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

  /** Rejects all calls that wait, and those to come. */
  close(reason: Error): void {
    this.#end ??= reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  /** Takes what the other end has posted. @throws When it makes no sense. */
  receive(messages: readonly RpcMessage<Own, Failure>[]): void {
    for (const message of messages) this.#receive(message);
  }

  #receive(message: RpcMessage<Own, Failure>): void {
    switch (message.kind) {
      case "call":
        if (message.id === 0) return void this.#options.serve(message);
        return this.#begin(message);
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

  #nextId(): number {
    if (this.#end !== undefined) throw this.#end;
    return this.#lastId += 1;
  }

  #post(message: Outgoing["message"], transfer: Transferable[]): void {
    if (this.#outgoing.push({ message, transfer }) > 1) return;
    // Calls that begin together get here within a few steps.
    queueMicrotask(() => queueMicrotask(() => this.#flush()));
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    if (outgoing.length === 0 || this.#end !== undefined) return;
    this.#outgoing = [];
    try {
      this.#options.post(
        outgoing.map(({ message }) => message),
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

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
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
      const value = await this.#options.serve(call);
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
