/**
 * The program's end of one worker: starts it, matches answers to questions,
 * and ends it.
 *
 * @module
 */
import { visible } from "../../log/visible.ts";
import { PluginError } from "../api/errors.ts";
import type { HookName } from "../api/hook_names.ts";
import { ModuleBlobs } from "../loading/module_blobs.ts";
import type { CheckedModule } from "../loading/module_graph.ts";
import type { PluginSource, Surroundings } from "../loading/open_plugin.ts";
import type { SandboxPermissions } from "../api/permissions.ts";
import {
  fromWireError,
  type FromWorker,
  type WireNotice,
  type WireQuestion,
  type WireResult,
} from "./wire.ts";
import { GUEST_URL } from "./worker_main.ts";

/** A message that is answered, without its number. */
export type Question = WithoutId<WireQuestion>;

type WithoutId<T> = T extends { readonly id: number } ? Omit<T, "id"> : never;

/** A plugin as its worker describes it. */
export interface LoadedPlugin {
  readonly name: string;
  readonly hooks: readonly HookName[];
}

/** What a worker is started with. */
export interface WorkerLinkOptions extends Surroundings {
  /** The plugin and what it imports. */
  readonly modules: readonly CheckedModule[];
  readonly permissions: SandboxPermissions;
}

/** One worker. */
export class WorkerLink {
  readonly #url: string;
  readonly #blobs: ModuleBlobs;
  readonly #worker: Worker;
  readonly #file: string;
  readonly #surroundings: Surroundings;
  readonly #loaded = Promise.withResolvers<LoadedPlugin>();
  readonly #waiting = new Map<number, PromiseWithResolvers<WireResult>>();
  #name = "";
  #last = 0;
  #end: PluginError | undefined;

  constructor(
    source: PluginSource,
    { modules, permissions, ...surroundings }: WorkerLinkOptions,
  ) {
    this.#file = source.file;
    this.#surroundings = surroundings;
    this.#blobs = new ModuleBlobs(modules);
    // Nobody may be waiting for it when the worker is killed.
    this.#loaded.promise.catch(() => {});
    this.#url = workerUrl(source, this.#blobs);
    this.#worker = startWorker(this.#url, { source, permissions });
    this.#worker.onmessage = ({ data }) => this.#receiveSafely(data);
    this.#worker.onerror = (event) => {
      // Otherwise it would be an error of the program.
      event.preventDefault();
      const [line] = event.message.split("\n", 1);
      this.kill(line ? visible(line) : "its worker failed");
    };
  }

  /** The plugin, when the worker has loaded it. @throws {PluginError} When it cannot. */
  get loaded(): Promise<LoadedPlugin> {
    return this.#loaded.promise;
  }

  /**
   * Sends `question` and waits for its answer.
   *
   * @param onSent Told its number, by which it can be aborted.
   * @throws {PluginError} What the plugin threw; `stopped` when the worker has ended.
   */
  async ask(
    question: Question,
    { transfer = [], onSent }: {
      readonly transfer?: Transferable[];
      readonly onSent?: (id: number) => void;
    } = {},
  ): Promise<WireResult> {
    if (this.#end !== undefined) throw this.#end;
    const id = this.#last += 1;
    const answer = Promise.withResolvers<WireResult>();
    this.#waiting.set(id, answer);
    this.#worker.postMessage({ ...question, id }, transfer);
    onSent?.(id);
    return await answer.promise;
  }

  /** Sends what has no answer. */
  tell(message: WireNotice): void {
    if (this.#end === undefined) this.#worker.postMessage(message);
  }

  /** Ends the worker, whatever it does; everyone who waits is told. */
  kill(reason: string): void {
    if (this.#end !== undefined) return;
    const plugin = this.#name || this.#file;
    const message = `Cannot run plugin "${plugin}": ${reason}`;
    this.#end = new PluginError("stopped", message, { plugin });
    this.#worker.terminate();
    URL.revokeObjectURL(this.#url);
    this.#blobs[Symbol.dispose]();
    this.#loaded.reject(this.#end);
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }

  /** What runs in the worker may have got hold of its end: the program goes on. */
  #receiveSafely(message: FromWorker): void {
    try {
      this.#receive(message);
    } catch {
      this.kill("its worker sent what is not understood");
    }
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case "named":
        URL.revokeObjectURL(this.#url);
        this.#name = message.name;
        return void this.#sendOptions(message.name);
      case "loaded":
        return this.#loaded.resolve({ ...message, name: this.#name });
      case "notLoaded":
        return this.#loaded.reject(fromWireError(message.error));
      case "done":
        return this.#take(message.id)?.resolve(message.result);
      case "failed":
        return this.#take(message.id)?.reject(fromWireError(message.error));
      case "log": {
        const log = this.#surroundings.logOf(this.#name);
        return log[message.level](message.message, message.fields);
      }
    }
  }

  async #sendOptions(name: string): Promise<void> {
    try {
      const options = await this.#surroundings.optionsOf(name);
      this.tell({ kind: "options", options });
    } catch (thrown) {
      this.kill(String(thrown));
    }
  }

  #take(id: number): PromiseWithResolvers<WireResult> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** @throws {PluginError} `notLoaded`, when it may do more than the program itself. */
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
    throw new PluginError(
      "notLoaded",
      `Cannot load plugin "${source.file}": it is allowed more than the ` +
        "program itself, allow it less",
      { plugin: source.file, cause },
    );
  }
}

/**
 * The program's own code is imported by a literal: that needs no permission.
 * The plugin is imported by a value, so that the runtime checks whatever its
 * modules import against what the worker may do, should a check have missed it.
 */
function workerUrl({ file, url }: PluginSource, blobs: ModuleBlobs): string {
  const source: PluginSource = { file, url, files: blobs.files };
  const code = `
    import { serveGuest } from ${JSON.stringify(GUEST_URL)};
    const entry = ${JSON.stringify(blobs.entry)};
    await serveGuest(${JSON.stringify(source)}, () => import(entry), self);
  `;
  return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
}

function denoPermissions(
  { net, read, env }: SandboxPermissions,
): Deno.PermissionOptionsObject {
  return {
    net: permission(net),
    read: permission(read),
    env: permission(env),
    write: false,
    run: false,
    sys: false,
    ffi: false,
    import: false,
  };
}

function permission(value: readonly string[] | boolean): string[] | boolean {
  return typeof value === "boolean" ? value : [...value];
}
