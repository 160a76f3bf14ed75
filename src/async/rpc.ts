/*
 * Calls between two ends that share nothing but messages: the program and a
 * worker. Each end calls functions of the other by name, and may cancel a call.
 * Arguments and results are what `postMessage()` can send.
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
  readonly post: (message: object, transfer: Transferable[]) => void;
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

const NO_TRANSFER: Transferable[] = [];

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
    this.#options.post({ kind: "call", id, name, args }, NO_TRANSFER);
    const result = Promise.withResolvers<Awaited<ReturnType<Theirs[Name]>>>();
    this.#waiting.set(id, result);
    if (cancellation === undefined) return await result.promise;
    using _listening = cancellation.onAbort(() =>
      this.#post({ kind: "cancel", id }, NO_TRANSFER)
    );
    return await result.promise;
  }

  /** Calls a function of the other end without waiting for a result. */
  notify<Name extends keyof Theirs>(
    name: Name,
    args: Parameters<Theirs[Name]>,
    transfer: Transferable[] = NO_TRANSFER,
  ): void {
    this.#post({ kind: "call", id: 0, name, args }, transfer);
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

  /** Takes a message. @throws When it makes no sense. */
  receive(message: RpcMessage<Own, Failure>): void {
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

  #post(message: object, transfer: Transferable[]): void {
    if (this.#end === undefined) this.#options.post(message, transfer);
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
