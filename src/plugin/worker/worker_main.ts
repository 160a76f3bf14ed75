/*
 * The worker's end: runs one plugin and does what the program calls.
 *
 * A worker starts with a few lines that import this file by a literal URL. Deno
 * allows just that to a worker without any permission. The plugin comes after
 * it, from memory.
 */
import {
  type Cancellation,
  type RpcCall,
  RpcEndpoint,
  type RpcMessage,
} from "../../async/rpc.ts";
import {
  SharedWire,
  type SharedWireOptions,
  type WireMemory,
} from "./shared_wire.ts";
import { isPending, type MaybePromise } from "../api/maybe_promise.ts";
import { PluginError } from "../api/errors.ts";
import type { PluginLog, TunnelFacts } from "../api/context.ts";
import type {
  BodyPlan,
  ContentPort,
  RequestOutcome,
  ResponseOutcome,
} from "../results/outcomes.ts";
import { Call, type CallSubject } from "../running/call.ts";
import { PluginExchange } from "../running/plugin_exchange.ts";
import type { LocalPlugin } from "../running/local_plugin.ts";
import type { FetchData, FetchOutcome } from "../running/fetch_data.ts";
import { openPlugin, type PluginSource } from "../running/open_plugin.ts";
import { ByteChannels } from "./byte_channels.ts";
import type {
  ExchangeSubject,
  HookReply,
  LoadedPlugin,
  MessagesReply,
  ProgramFunctions,
  WiredBody,
  WiredOutcome,
  WorkerFunctions,
} from "./protocol.ts";
import { type ErrorData, fromErrorData, toErrorData } from "./error_data.ts";
import { WIRE_TEXT } from "./wire_text.ts";
import { boundedLog, consoleTo } from "./worker_console.ts";
import { restrictRealm } from "./worker_realm.ts";

/** Where this file is: inside the compiled program, if it is one. */
export const WORKER_MAIN_URL: string = import.meta.url;

/** The part of a worker's `self` that is used. */
export interface WorkerScope {
  // deno-lint-ignore no-explicit-any -- the memory of the wire, and then what it carries
  onmessage: ((event: MessageEvent<any>) => void) | null;
  postMessage(message: object, transfer: Transferable[]): void;
}

/**
 * Serves one plugin until the program ends the worker.
 *
 * @param load Imports the plugin.
 */
export function serveWorker(
  source: PluginSource,
  load: () => Promise<unknown>,
  scope: WorkerScope,
): void {
  const worker = new PluginWorker(source, load);
  // Bound before the plugin is loaded: `postMessage` is taken from it.
  const post = scope.postMessage.bind(scope);
  let wire: SharedWire | undefined;
  scope.onmessage = ({ data }) => {
    if (wire === undefined) wire = worker.connect(data, post);
    else wire.arrived(data);
  };
  logUncaughtErrors(worker.log);
  restrictRealm(consoleTo(worker.log));
}

/** What a hook that changes messages has decided. */
type Outcome = RequestOutcome | ResponseOutcome | undefined;

type Received = readonly (RpcMessage<WorkerFunctions, ErrorData> | string)[];

class PluginWorker {
  readonly rpc: RpcEndpoint<ProgramFunctions, WorkerFunctions, ErrorData>;
  readonly log: PluginLog;
  readonly #source: PluginSource;
  readonly #load: () => Promise<unknown>;
  readonly #channels: ByteChannels;
  /** What the plugin keeps for exchanges, by their numbers. */
  readonly #states = new Map<number, Record<string, unknown>>();
  #connection: SharedWire | undefined;
  #plugin: LocalPlugin | undefined;
  #tunnel: TunnelFacts | undefined;

  constructor(
    source: PluginSource,
    load: () => Promise<unknown>,
  ) {
    this.#source = source;
    this.#load = load;
    const encodeError = (thrown: unknown): ErrorData =>
      toErrorData(thrown, this.#plugin?.name ?? source.file);
    this.rpc = new RpcEndpoint({
      post: (messages, transfer) => this.#connection?.send(messages, transfer),
      serve: (call) => this.#serve(call),
      codec: WIRE_TEXT,
      encodeError,
      decodeError: fromErrorData,
    });
    this.#channels = new ByteChannels({
      post: ({ name, args }, transfer) => this.rpc.notify(name, args, transfer),
      ...{ encodeError, decodeError: fromErrorData },
      // The plugin may go on to use its own bytes.
      copies: true,
    });
    this.log = boundedLog((line) => this.rpc.notify("log", [line]));
  }

  /** Comes before everything else: nothing is sent without a wire. */
  connect(memory: WireMemory, post: SharedWireOptions["post"]): SharedWire {
    return this.#connection = new SharedWire({
      ...{ memory, post },
      maySleep: () => this.rpc.isIdle && this.#channels.isIdle,
      receive: (messages) => {
        try {
          this.rpc.receive(messages as Received);
        } catch {
          // The plugin has broken what we need. The call runs into its time
          // limit. An error from here would end the whole program (Deno 2.9).
        }
      },
      onBroken() {
        // As above.
      },
    });
  }

  #serve(call: RpcCall<WorkerFunctions>): unknown {
    if (call.name === "load") return this.#open(call.args[0]);
    if (call.name === "know") {
      [this.#tunnel] = call.args;
      return undefined;
    }
    if (this.#plugin === undefined) return undefined;
    return this.#run(this.#plugin, call);
  }

  async #open(tunnel: TunnelFacts | undefined): Promise<LoadedPlugin> {
    this.#tunnel ??= tunnel;
    const plugin = await openPlugin(this.#source, this.#load, {
      optionsOf: (name) => this.rpc.call("options", [name]),
      logOf: () => this.log,
      senderOf: () => (...request) => this.#send(...request),
      tunnel: () => this.#tunnel,
    });
    this.#plugin = plugin;
    const { name, hooks, match } = plugin;
    return { name, hooks: [...hooks], match };
  }

  async #send(
    request: FetchData,
    signal: AbortSignal,
    exchangeId: string | undefined,
  ): Promise<FetchOutcome> {
    const reply = await this.rpc.call(
      "fetch",
      [request, exchangeId],
      cancellation(signal),
    );
    if (reply.kind === "failure") return reply;
    const { channel, ...rest } = reply;
    const body = channel === undefined
      ? undefined
      : this.#channels.receive(channel);
    return { ...rest, body };
  }

  #run(plugin: LocalPlugin, call: RpcCall<WorkerFunctions>): unknown {
    switch (call.name) {
      case "setup":
        return plugin.setup(this.#begin(call.id));
      case "connect": {
        const [target, subject] = call.args;
        return plugin.connect(target, this.#begin(call.id, subject));
      }
      case "resolve": {
        const [hostname, subject] = call.args;
        return plugin.resolve(hostname, this.#begin(call.id, subject));
      }
      case "request": {
        const [request, subject] = call.args;
        return this.#change(
          subject,
          (exchange) =>
            plugin.request(request, exchange, this.#begin(call.id, subject)),
        );
      }
      case "response": {
        const [messages, subject] = call.args;
        return this.#change(
          subject,
          (exchange) =>
            plugin.response(messages, exchange, this.#begin(call.id, subject)),
        );
      }
      case "messages":
        return this.#messages(plugin, call);
      case "forget":
        return void this.#states.delete(call.args[0]);
      case "tunnel":
        return plugin.tunnel(call.args[0], this.#begin(call.id));
      case "dispose":
        return plugin[Symbol.asyncDispose]();
      case "know":
      case "load":
      case "ping":
        return undefined;
      default:
        return this.#channels.serve(call);
    }
  }

  async #messages(
    plugin: LocalPlugin,
    { id, args: [batch, subject] }: RpcCall<Pick<WorkerFunctions, "messages">>,
  ): Promise<MessagesReply> {
    const { key } = subject;
    const exchange = new PluginExchange();
    exchange.state = this.#states.get(key);
    const { outcomes, failure, isAborted } = await plugin.messages(
      ...[batch, exchange, this.#begin(id, subject)] as const,
    );
    const { state } = exchange;
    if (state !== undefined) this.#states.set(key, state);
    return {
      ...{ outcomes, isAborted, hasState: state !== undefined },
      failure: failure && toErrorData(failure, plugin.name),
    };
  }

  /** Runs a hook that changes messages, with what it keeps for the exchange. */
  #change(
    { key, content }: ExchangeSubject,
    run: (exchange: PluginExchange) => MaybePromise<Outcome>,
  ): MaybePromise<HookReply> {
    const exchange = new PluginExchange();
    exchange.state = this.#states.get(key);
    exchange.content = content === 0 ? undefined : this.#portOf(content);
    const outcome = run(exchange);
    const reply = (outcome: Outcome): HookReply => {
      const { state } = exchange;
      if (state !== undefined) this.#states.set(key, state);
      return { outcome: this.#wire(outcome), hasState: state !== undefined };
    };
    return isPending(outcome) ? outcome.then(reply) : reply(outcome);
  }

  #portOf(content: number): ContentPort {
    return {
      read: async (limit) => {
        const reply = await this.rpc.call("read", [content, limit]);
        if (!("problem" in reply)) return reply;
        const { code, problem } = reply;
        if (code !== "noRoom") throw new TypeError(problem);
        throw new PluginError(code, problem, { plugin: "" });
      },
      open: () => this.#channels.receive(content),
      onClose: undefined,
    };
  }

  /** The outcome with the number of a channel instead of its stream. */
  #wire(outcome: Outcome): WiredOutcome | undefined {
    if (outcome === undefined || outcome.kind === "abort") return outcome;
    return { ...outcome, body: outcome.body && this.#wireBody(outcome.body) };
  }

  #wireBody(body: BodyPlan): WiredBody {
    if (body.kind === "bytes") return body;
    const { kind, source, isDerived } = body;
    const channel = this.#channels.send(() => source, () => source.cancel());
    return { kind, channel, isDerived };
  }

  #begin(id: number, subject?: CallSubject): Call {
    const call = new Call([], subject);
    this.rpc.abortOnCancel(id, call);
    return call;
  }
}

/** A call that nobody wants any more rejects at once, whatever the program does. */
function cancellation(signal: AbortSignal): Cancellation {
  return {
    onAbort(listener) {
      const hear = (): void => listener.cancel();
      signal.addEventListener("abort", hear, { once: true });
      if (signal.aborted) hear();
      return {
        [Symbol.dispose]: () => signal.removeEventListener("abort", hear),
      };
    },
  };
}

/**
 * Writes errors that nobody waits for to the log. Otherwise they would end the
 * worker, and the runtime would write them to the terminal as they are. So this
 * holds whatever the plugin has changed about events and errors by then.
 */
function logUncaughtErrors(log: PluginLog): void {
  const { apply } = Reflect;
  const { preventDefault } = Event.prototype;
  addEventListener("unhandledrejection", (event) => {
    apply(preventDefault, event, []);
    write("unhandled rejection", () => event.reason);
  });
  addEventListener("error", (event) => {
    apply(preventDefault, event, []);
    write("unhandled error", () => event.message);
  });

  function write(message: string, error: () => unknown): void {
    try {
      log.warn(message, { error: String(error()) });
    } catch {
      // The error has no text: it is not logged.
    }
  }
}
