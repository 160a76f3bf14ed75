/*
 * The program's end of one worker: starts it, calls it, and ends it.
 */
import { ByteChannels } from "./byte_channels.ts";
import { type RpcCall, RpcEndpoint, type RpcMessage } from "../../async/rpc.ts";
import { createRingMemory } from "./shared_ring.ts";
import {
  SharedWire,
  type SharedWireOptions,
  type WireMemory,
} from "./shared_wire.ts";
import { visible } from "../../log/visible.ts";
import { PluginError } from "../api/errors.ts";
import type { ContentPort } from "../results/outcomes.ts";
import type { SandboxPermissions } from "../api/permissions.ts";
import { HOOKS } from "../api/hook_names.ts";
import { checkName } from "../loading/check_plugin.ts";
import { checkedLimit } from "../results/content.ts";
import { isObject } from "../results/value_kind.ts";
import type { SendFetch } from "../running/fetch_data.ts";
import { MAX_FETCHES } from "../running/fetch_line.ts";
import type { CheckedModule } from "../loading/module_graph.ts";
import type { LoadContext, PluginSource } from "../running/open_plugin.ts";
import type { PluginExchange } from "../running/plugin_exchange.ts";
import type {
  LoadedPlugin,
  ProgramFunctions,
  ReadReply,
  WiredFetch,
  WorkerFunctions,
} from "./protocol.ts";
import { type ErrorData, fromErrorData, toErrorData } from "./error_data.ts";
import { checkedLine, LineLimit, MAX_LINES } from "./line_limit.ts";
import { WIRE_TEXT } from "./wire_text.ts";
import { WORKER_MAIN_URL } from "./worker_main.ts";

/** What a worker is started with. */
export interface WorkerLinkOptions extends LoadContext {
  /** The plugin and what it imports. */
  readonly modules: readonly CheckedModule[];
  readonly permissions: SandboxPermissions;
  /** The name that the plugin had in an earlier worker: it keeps that. */
  readonly name?: string;
}

/**
 * Calls of the worker that run at once: one for its options, one for each
 * request that it sends, and one for each request in a hook, which reads its
 * content. A client has fewer requests than this.
 */
const MAX_CALLS = 10_000 + MAX_FETCHES;

/**
 * Lines a second that are taken from a worker. It counts seconds of its own: two
 * of them may fall into one of ours.
 */
const MAX_RECEIVED_LINES = 2 * MAX_LINES + 2;

/** What a worker sends at once. */
type Received = readonly (RpcMessage<ProgramFunctions, ErrorData> | string)[];

/** Why a worker is ended that does not keep to the rules. */
const INVALID = "its worker sent an invalid message";

/** One worker. */
export class WorkerLink {
  /** The plugin, once the worker has loaded it. Rejects with a `PluginError`. */
  readonly loaded: Promise<LoadedPlugin>;
  readonly rpc: RpcEndpoint<WorkerFunctions, ProgramFunctions, ErrorData>;
  readonly channels: ByteChannels;
  /** Content that hooks may read, by the number of its channel. */
  readonly #contents = new Map<number, ContentPort>();
  readonly #url: string;
  readonly #blobs: ModuleBlobs;
  readonly #worker: Worker;
  readonly #wire: SharedWire;
  readonly #file: string;
  readonly #context: LoadContext;
  readonly #ended = new AbortController();
  /** The worker's end has the same limit. A plugin may have got hold of that. */
  readonly #lines = new LineLimit(
    ({ level, message, fields }) =>
      this.#context.logOf(this.#name)[level](message, fields),
    MAX_RECEIVED_LINES,
  );
  readonly #earlierName: string | undefined;
  #sender: SendFetch | undefined;
  #name = "";
  #isEnded = false;

  constructor(
    source: PluginSource,
    { modules, permissions, name, ...context }: WorkerLinkOptions,
  ) {
    this.#earlierName = name;
    this.#file = source.file;
    this.#context = context;
    this.#blobs = new ModuleBlobs(modules);
    this.#url = workerUrl(source, this.#blobs);
    const worker = startWorker(this.#url, { source, permissions });
    this.#worker = worker;
    this.#wire = connectWire(worker, {
      receive: (messages) => this.#receive(messages as Received),
      onBroken: () => this.kill(INVALID),
    });
    this.rpc = new RpcEndpoint({
      post: (messages, transfer) => this.#wire.send(messages, transfer),
      serve: (call) => this.#serve(call),
      codec: WIRE_TEXT,
      maxCalls: MAX_CALLS,
      encodeError: (thrown) => toErrorData(thrown, source.file),
      decodeError: fromErrorData,
    });
    this.channels = new ByteChannels({
      post: ({ name, args }, transfer) => this.rpc.notify(name, args, transfer),
      encodeError: (thrown) => toErrorData(thrown, source.file),
      decodeError: fromErrorData,
      copies: false,
    });
    worker.onmessage = ({ data }) => this.#wire.arrived(data);
    worker.onerror = (event) => {
      // Otherwise it would be an error of the program.
      event.preventDefault();
      const [line] = event.message.split("\n", 1);
      this.kill(line ? visible(line) : "its worker failed");
    };
    this.loaded = this.#load();
    // Nobody may be waiting for it when the worker is killed.
    this.loaded.catch(() => {});
  }

  /** Lets a hook read this content. Returns its number. */
  offer(content: ContentPort): number {
    const number = this.channels.send(() => content.open());
    this.#contents.set(number, content);
    return number;
  }

  /** The hook has ended. Only a stream of the content may go on. */
  withdraw(content: number, isStreaming: boolean): void {
    this.#contents.delete(content);
    if (!isStreaming) this.channels.withdraw(content);
  }

  /** Has the worker forget the state of an exchange when that ends. */
  forgetAtEnd(
    exchange: PluginExchange,
    reply: { readonly hasState: boolean } | undefined,
  ): void {
    if (reply?.hasState !== true) return;
    exchange.atEnd(() => this.rpc.notify("forget", [exchange.key]));
  }

  /** Ends the worker at once. Calls that wait fail with `stopped`. */
  kill(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#ended.abort(new DOMException("The worker has ended", "AbortError"));
    const plugin = this.#name || this.#file;
    const message = `Cannot run plugin "${plugin}": ${reason}`;
    this.#wire.close();
    this.#worker.terminate();
    URL.revokeObjectURL(this.#url);
    this.#blobs[Symbol.dispose]();
    const error = new PluginError("stopped", message, { plugin });
    this.rpc.close(error);
    this.channels.close(error);
  }

  async #fetch(
    ...request: Parameters<SendFetch>
  ): Promise<WiredFetch | undefined> {
    const outcome = await this.#sender?.(...request);
    if (outcome === undefined || outcome.kind === "failure") return outcome;
    const { body, ...rest } = outcome;
    const channel = body && this.channels.send(() => body, () => body.cancel());
    return { ...rest, channel };
  }

  /** The plugin may have got hold of the worker's end: the program goes on. */
  #receive(messages: Received): void {
    try {
      this.rpc.receive(messages);
    } catch {
      this.kill(INVALID);
    }
  }

  /** Takes the name of the plugin, once: what it logs and fetches bears it. */
  #learn(name: unknown): string {
    const isOther = this.#name !== "" ||
      this.#earlierName !== undefined && name !== this.#earlierName;
    if (isOther) throw new TypeError("The worker has another name");
    this.#name = checkName(name);
    URL.revokeObjectURL(this.#url);
    this.#sender = this.#context.senderOf(this.#name);
    return this.#name;
  }

  async #load(): Promise<LoadedPlugin> {
    const loaded = await this.rpc.call("load", [this.#context.tunnel()]);
    if (isPlugin(loaded, this.#name)) return loaded;
    const plugin = this.#file;
    throw new PluginError(
      "notLoaded",
      `Cannot load plugin "${plugin}": its worker describes another plugin`,
      { plugin },
    );
  }

  #serve(call: RpcCall<ProgramFunctions>): unknown {
    switch (call.name) {
      case "options": {
        const name = this.#learn(call.args[0]);
        return this.#context.optionsOf(name);
      }
      case "fetch": {
        refuseUnasked(call);
        const [request, exchangeId] = call.args;
        const given = new AbortController();
        this.rpc.abortOnCancel(call.id, given);
        const signal = AbortSignal.any([given.signal, this.#ended.signal]);
        return this.#fetch(request, signal, exchangeId);
      }
      case "log":
        return this.#lines.write(checkedLine(call.args[0]));
      case "read": {
        refuseUnasked(call);
        const [number, limit] = call.args;
        const content = this.#contents.get(number);
        if (content === undefined) throw new TypeError("The hook has ended");
        return readFor(content, limit);
      }
      default:
        return this.channels.serve(call);
    }
  }
}

/** Of a call whose result nobody waits for, there could be any number. */
function refuseUnasked({ id }: { readonly id: number }): void {
  if (id === 0) throw new TypeError("Nobody waits for the result of a call");
}

/** The name came before: log and requests bear that one. */
function isPlugin(value: unknown, name: string): value is LoadedPlugin {
  if (!isObject(value) || value["name"] !== name) return false;
  const { hooks } = value;
  return Array.isArray(hooks) && hooks.every((hook) => HOOKS.includes(hook));
}

/** The limit comes from the worker. */
async function readFor(
  content: ContentPort,
  limit: number,
): Promise<ReadReply> {
  try {
    return await content.read(checkedLimit(limit));
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    return {
      code: thrown instanceof PluginError ? thrown.code : "threw",
      problem: visible(problem),
    };
  }
}

/** @throws {PluginError} `notLoaded`, when it has more permissions than the program itself. */
function startWorker(
  url: string,
  { source, permissions }: {
    readonly source: PluginSource;
    readonly permissions: SandboxPermissions;
  },
): Worker {
  try {
    return new Worker(url, {
      type: "module",
      name: source.file,
      deno: { permissions: denoPermissions(permissions) },
    });
  } catch (cause) {
    URL.revokeObjectURL(url);
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    const reason = permissions.write !== false && !mayWrite()
      ? "it may write, but the program has given that up when it started, " +
        "restart it"
      : "it has more permissions than the program itself, allow it less";
    throw new PluginError(
      "notLoaded",
      `Cannot load plugin "${source.file}": ${reason}`,
      { plugin: source.file, cause },
    );
  }
}

/** A client gives up writing when nothing that it starts with may write. */
function mayWrite(): boolean {
  return Deno.permissions.querySync({ name: "write" }).state === "granted";
}

/**
 * The program's own code is imported by a literal, which needs no permission.
 * The plugin is imported by a value. So the runtime checks its imports against
 * the permissions of the worker, in case that our check missed one.
 */
function workerUrl(given: PluginSource, blobs: ModuleBlobs): string {
  const source: PluginSource = { ...given, files: blobs.files };
  const code = `
    import { serveWorker } from ${JSON.stringify(WORKER_MAIN_URL)};
    const entry = ${JSON.stringify(blobs.entry)};
    serveWorker(${JSON.stringify(source)}, () => import(entry), self);
  `;
  return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
}

/** The memory is the first thing that a worker gets. */
function connectWire(
  worker: Worker,
  { receive, onBroken }: Pick<SharedWireOptions, "receive" | "onBroken">,
): SharedWire {
  const [outgoing, incoming] = [createRingMemory(), createRingMemory()];
  const theirs: WireMemory = { outgoing: incoming, incoming: outgoing };
  worker.postMessage(theirs);
  return new SharedWire({
    memory: { outgoing, incoming },
    post: (messages, transfer) => worker.postMessage(messages, transfer),
    receive,
    onBroken,
  });
}

function denoPermissions(
  { net, read, write, env }: SandboxPermissions,
): Deno.PermissionOptionsObject {
  return {
    net: permission(net),
    read: permission(read),
    write: permission(write),
    env: permission(env),
    run: false,
    sys: false,
    ffi: false,
    import: false,
  };
}

function permission(value: readonly string[] | boolean): string[] | boolean {
  return typeof value === "boolean" ? value : [...value];
}

/**
 * Checked modules in memory. Each has a URL that a worker without any
 * permission can import. Disposing forgets them.
 */
class ModuleBlobs implements Disposable {
  /** In the order of the modules. */
  readonly #urls: string[] = [];
  readonly #modules: readonly CheckedModule[];

  constructor(modules: readonly CheckedModule[]) {
    this.#modules = modules;
    for (const module of modules) this.#urls.push(this.#publish(module));
  }

  /** The URL of the plugin itself. */
  get entry(): string {
    return this.#urls.at(-1) ?? "";
  }

  /** The `file:` URLs by the `blob:` URLs, for messages. */
  get files(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#urls.map((url, at) => [url, this.#modules[at]?.url ?? url]),
    );
  }

  [Symbol.dispose](): void {
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }

  #publish({ url, isData, pieces }: CheckedModule): string {
    const text = pieces.map((piece) =>
      typeof piece === "string" ? piece : JSON.stringify(this.#urls[piece])
    );
    return URL.createObjectURL(new Blob(text, { type: typeOf(url, isData) }));
  }
}

/** The media type: the URL has no extension. */
function typeOf(url: string, isData: boolean): string {
  if (isData) return "application/json";
  return url.endsWith("ts") ? "application/typescript" : "text/javascript";
}
