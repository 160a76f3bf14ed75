/**
 * The worker's end: runs one plugin and does what the program asks of it.
 *
 * A worker starts with a few lines that import this file by a literal URL: Deno
 * lets a worker without any permission do just that. Then comes the plugin,
 * from memory.
 *
 * @module
 */
import { Call } from "../host/call.ts";
import type { PluginLog } from "../api/context.ts";
import type { LocalPlugin } from "../host/local_plugin.ts";
import { openPlugin, type PluginSource } from "../loading/open_plugin.ts";
import {
  type FromWorker,
  toWireError,
  type ToWorker,
  type WireCall,
  type WireResult,
} from "./wire.ts";
import { WorkerBodies } from "./worker_bodies.ts";
import { boundedLog, consoleTo } from "./worker_console.ts";
import { tameRealm } from "./worker_realm.ts";

/** Where this file is: inside the compiled program, if it is one. */
export const GUEST_URL: string = import.meta.url;

/** What `self` is in a worker, as far as it is needed. */
export interface Port {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

/** Serves one plugin until the worker is ended from outside. */
export async function serveGuest(
  source: PluginSource,
  load: () => Promise<unknown>,
  scope: Port,
): Promise<void> {
  const port = portOf(scope);
  const log = boundedLog((line) =>
    port.postMessage({ kind: "log", ...line }, [])
  );
  keepGoing(log);
  tameRealm(consoleTo(log));
  const options = Promise.withResolvers<unknown>();
  port.onmessage = ({ data }) => {
    if (data.kind === "options") options.resolve(data.options);
  };
  try {
    const plugin = await openPlugin(source, load, {
      optionsOf(name) {
        port.postMessage({ kind: "named", name }, []);
        return options.promise;
      },
      logOf: () => log,
    });
    const guest = new Guest(plugin, port);
    port.onmessage = ({ data }) => guest.receive(data);
    port.postMessage({ kind: "loaded", hooks: [...plugin.hooks] }, []);
  } catch (thrown) {
    const error = toWireError(thrown, source.file);
    port.postMessage({ kind: "notLoaded", error }, []);
  }
}

class Guest {
  readonly #plugin: LocalPlugin;
  readonly #port: Port;
  readonly #calls = new Map<number, Call>();
  readonly #bodies = new WorkerBodies();

  constructor(plugin: LocalPlugin, port: Port) {
    this.#plugin = plugin;
    this.#port = port;
  }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case "call":
        return void this.#answer(message.id, this.#call(message));
      case "step":
        return void this.#answer(
          message.id,
          this.#bodies.step(message.step),
        );
      case "ping":
        return void this.#answer(message.id, Promise.resolve(NOTHING));
      case "abort":
        return this.#calls.get(message.id)?.abort(
          new DOMException("Nobody waits for this call", "AbortError"),
        );
      case "release":
        return this.#bodies.release(message.body);
    }
  }

  async #answer(id: number, work: Promise<WireResult>): Promise<void> {
    try {
      const result = await work;
      const transfer = result.of === "chunk" ? [result.chunk.buffer] : [];
      this.#port.postMessage({ kind: "done", id, result }, transfer);
    } catch (thrown) {
      const error = toWireError(thrown, this.#plugin.name);
      this.#port.postMessage({ kind: "failed", id, error }, []);
    }
  }

  async #call(
    { id, call: wire, exchangeId }: {
      readonly id: number;
      readonly call: WireCall;
      readonly exchangeId?: string | undefined;
    },
  ): Promise<WireResult> {
    const call = new Call([], exchangeId);
    this.#calls.set(id, call);
    try {
      return await this.#run(wire, call);
    } finally {
      this.#calls.delete(id);
    }
  }

  async #run(wire: WireCall, call: Call): Promise<WireResult> {
    const plugin = this.#plugin;
    switch (wire.hook) {
      case "setup":
        await plugin.setup(call);
        return NOTHING;
      case "dispose":
        await plugin[Symbol.asyncDispose]();
        return NOTHING;
      case "tunnel":
        await plugin.tunnel(wire.event, call);
        return NOTHING;
      case "connect": {
        const outcome = await plugin.connect(wire.target, call);
        return outcome === undefined ? NOTHING : { of: "connect", outcome };
      }
      case "resolve": {
        const addresses = await plugin.resolve(wire.hostname, call);
        return addresses === undefined ? NOTHING : { of: "resolve", addresses };
      }
      case "request":
        return this.#bodies.request(await plugin.request(wire.request, call));
      case "response":
        return this.#bodies.response(
          await plugin.response(wire.exchange, call),
        );
    }
  }
}

/** Kept here: the plugin gets neither. */
function portOf(scope: Port): Port {
  const postMessage: Port["postMessage"] = scope.postMessage.bind(scope);
  const port: Port = { onmessage: null, postMessage };
  scope.onmessage = (event) => {
    try {
      port.onmessage?.(event);
    } catch {
      // The plugin has broken what we need. The call runs into its time limit;
      // an error from here would end the whole program (Deno 2.9).
    }
  };
  return port;
}

/**
 * What goes wrong where nobody waits for it would otherwise end the worker, and
 * the runtime would write it to the terminal as it is. So this holds whatever
 * the plugin has changed about events and errors by then.
 */
function keepGoing(log: PluginLog): void {
  const { apply } = Reflect;
  const { preventDefault } = Event.prototype;
  addEventListener("unhandledrejection", (event) => {
    apply(preventDefault, event, []);
    tell("unhandled rejection", () => event.reason);
  });
  addEventListener("error", (event) => {
    apply(preventDefault, event, []);
    tell("unhandled error", () => event.message);
  });

  function tell(message: string, error: () => unknown): void {
    try {
      log.warn(message, { error: String(error()) });
    } catch {
      // It has no text. Who makes such an error does without the line.
    }
  }
}

const NOTHING: WireResult = { of: "nothing" };
