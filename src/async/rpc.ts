/*
 * Calls between two ends that share nothing but messages: the program and a
 * worker. Each end calls functions of the other by name, may cancel a call,
 * and receives functions in results (callbacks).
 *
 * Arguments and results are what `postMessage()` can send. Besides that:
 *
 * - A property of a result may be an object with functions. The functions stay
 *   where they are. The caller gets an object of the same shape, whose
 *   functions call back. Its `release()` ends that.
 * - Bytes that are a result, a property of such an object, or an argument of a
 *   callback are copied and transferred. The message then holds just these
 *   bytes, not the whole buffer behind them.
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

/** A call of a function that came with a result. */
interface CallbackCall {
  readonly kind: "callback";
  readonly id: number;
  readonly owner: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The outcome of a call. */
interface ResultMessage {
  readonly kind: "result";
  readonly id: number;
  readonly value: unknown;
  readonly callbacks?: readonly Callbacks[];
}

/** One property of a result that has functions. */
interface Callbacks {
  readonly key: string;
  /** The number under which the other end keeps the object. */
  readonly owner: number;
  readonly names: readonly string[];
}

/** What an end receives. `T` are the functions that it offers. */
export type RpcMessage<T extends RpcFunctions<T>, Failure> =
  | RpcCall<T>
  | CallbackCall
  | ResultMessage
  | { readonly kind: "error"; readonly id: number; readonly error: Failure }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "release"; readonly owner: number };

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

type Data = Record<string, unknown>;

/** Objects with functions in one result. Results of plugins have one. */
const MAX_OWNERS = 8;

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
  /** Objects whose functions the other end may call. */
  readonly #owners = new Map<number, Data>();
  /** Messages to be posted within this turn. */
  #outgoing: Outgoing[] = [];
  #lastId = 0;
  #lastOwner = 0;
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
      case "callback":
        return this.#begin(message);
      case "result": {
        const value = this.#unpack(message);
        return this.#take(message.id)?.resolve(value);
      }
      case "error": {
        const error = this.#options.decodeError(message.error);
        return this.#take(message.id)?.reject(error);
      }
      case "cancel":
        return this.#abortable.get(message.id)?.abort(
          new DOMException("Nobody waits for this call", "AbortError"),
        );
      case "release":
        return void this.#owners.delete(message.owner);
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
      if (kind === "call" || kind === "callback") {
        return this.#take(id)?.reject(thrown);
      }
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

  #begin(call: RpcCall<Own> | CallbackCall): void {
    const { maxCalls = Infinity } = this.#options;
    if (this.#running >= maxCalls) {
      throw new RangeError(`More than ${maxCalls} calls at once`);
    }
    this.#running += 1;
    void this.#serve(call);
  }

  async #serve(call: RpcCall<Own> | CallbackCall): Promise<void> {
    const { id } = call;
    try {
      const value = await (call.kind === "call"
        ? this.#options.serve(call)
        : this.#callOwn(call));
      this.#reply(id, value);
    } catch (thrown) {
      const error = this.#options.encodeError(thrown);
      this.#post({ kind: "error", id, error }, NO_TRANSFER);
    } finally {
      this.#running -= 1;
      this.#abortable.delete(id);
    }
  }

  /** After its release, an object does nothing: a late call may cross it. */
  #callOwn({ owner, name, args }: CallbackCall): unknown {
    const object = this.#owners.get(owner);
    if (object === undefined || !Object.hasOwn(object, name)) return undefined;
    const own = object[name];
    return typeof own === "function" ? own.apply(object, args) : undefined;
  }

  #reply(id: number, result: unknown): void {
    const transfer: Transferable[] = [];
    const callbacks: Callbacks[] = [];
    const value = isData(result)
      ? Object.fromEntries(
        Object.entries(result).map(([key, part]) => [
          key,
          isData(part) ? this.#pack(key, part, { transfer, callbacks }) : part,
        ]),
      )
      : copyOf(result, transfer);
    const message = { kind: "result", id, value };
    this.#post(
      callbacks.length === 0 ? message : { ...message, callbacks },
      transfer,
    );
  }

  /** The data of a property; its functions stay here. */
  #pack(
    key: string,
    part: Data,
    { transfer, callbacks }: {
      readonly transfer: Transferable[];
      readonly callbacks: Callbacks[];
    },
  ): Data {
    const names: string[] = [];
    const data: Data = {};
    for (const [name, value] of Object.entries(part)) {
      if (typeof value === "function") names.push(name);
      else data[name] = copyOf(value, transfer);
    }
    if (names.length > 0) {
      this.#lastOwner += 1;
      this.#owners.set(this.#lastOwner, part);
      callbacks.push({ key, owner: this.#lastOwner, names });
    }
    return data;
  }

  #unpack({ value, callbacks }: ResultMessage): unknown {
    if (callbacks === undefined) return value;
    if (!isData(value) || callbacks.length > MAX_OWNERS) {
      throw new TypeError("Functions are in no place for them");
    }
    for (const { key, owner, names } of callbacks) {
      const data = Object.hasOwn(value, key) ? value[key] : undefined;
      if (isData(data)) value[key] = this.#remote(data, owner, names);
    }
    return value;
  }

  #remote(data: Data, owner: number, names: readonly string[]): Data {
    const functions = names.map((name) =>
      [name, (...args: unknown[]) => this.#callBack(owner, name, args)] as const
    );
    return {
      ...data,
      ...Object.fromEntries(functions),
      release: () => this.#post({ kind: "release", owner }, NO_TRANSFER),
    };
  }

  async #callBack(
    owner: number,
    name: string,
    given: readonly unknown[],
  ): Promise<unknown> {
    const transfer: Transferable[] = [];
    const args = given.map((each) => copyOf(each, transfer));
    const id = this.#nextId();
    this.#post({ kind: "callback", id, owner, name, args }, transfer);
    const result = Promise.withResolvers<unknown>();
    this.#waiting.set(id, result);
    return await result.promise;
  }
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** Bytes in a buffer of their own, which goes with the message. */
function copyOf(value: unknown, transfer: Transferable[]): unknown {
  if (!(value instanceof Uint8Array)) return value;
  const copy = new Uint8Array(value);
  transfer.push(copy.buffer);
  return copy;
}
