/**
 * A plugin in a worker of its own. What hangs there, hangs alone: the worker
 * is given up and another one started.
 *
 * @module
 */
import { deadline } from "../../async/timer.ts";
import type { Address } from "../../net/address/address.ts";
import type { Call } from "../host/call.ts";
import { PluginError } from "../api/errors.ts";
import type { HookName } from "../api/hook_names.ts";
import type { CheckedModule } from "../loading/module_graph.ts";
import type { PluginSource, Surroundings } from "../loading/open_plugin.ts";
import type {
  ConnectOutcome,
  RequestFacts,
  RequestOutcome,
  ResponseChange,
} from "../results/outcomes.ts";
import type { SandboxPermissions } from "../api/permissions.ts";
import type { TunnelChange } from "../api/plugin.ts";
import { RemoteBodies } from "./remote_bodies.ts";
import type { ExchangeFacts, RunningPlugin } from "../host/running_plugin.ts";
import type { WireCall, WireResult } from "./wire.ts";
import { type LoadedPlugin, WorkerLink } from "./worker_link.ts";

/** What a plugin in a worker is started with. */
export interface WorkerPluginOptions extends Surroundings {
  /** The plugin and what it imports. A worker that is started anew gets the same. */
  readonly modules: readonly CheckedModule[];
  readonly permissions: SandboxPermissions;
  /** How long loading, and setting up again, may take, in milliseconds. */
  readonly loadBudget: number;
}

/** A worker that does anything at all answers at once, even on a busy machine. */
const PING_TIME = 1_000;

/**
 * Deno ends no worker that loops (denoland/deno#35657): each one takes a
 * processor for as long as the program runs.
 */
const MAX_HUNG = 3;

/**
 * Starts a worker and loads a plugin in it.
 *
 * @throws {PluginError} `notLoaded`, `badOptions`, `stopped`.
 */
export async function openWorkerPlugin(
  source: PluginSource,
  options: WorkerPluginOptions,
): Promise<RunningPlugin> {
  const link = new WorkerLink(source, options);
  const loaded = await loadedBy(link, options.loadBudget);
  return new WorkerPlugin(link, { loaded, source, options });
}

async function loadedBy(
  link: WorkerLink,
  loadBudget: number,
): Promise<LoadedPlugin> {
  try {
    return await deadline(
      link.loaded,
      loadBudget,
      () => link.kill(`loading it takes longer than ${loadBudget} ms`),
    );
  } catch (thrown) {
    link.kill("it was not loaded");
    // Why it was killed says more than that the time was up.
    throw thrown instanceof PluginError ? thrown : await failureOf(link);
  }
}

async function failureOf(link: WorkerLink): Promise<unknown> {
  try {
    return await link.loaded;
  } catch (thrown) {
    return thrown;
  }
}

class WorkerPlugin implements RunningPlugin {
  readonly name: string;
  readonly hooks: ReadonlySet<HookName>;
  readonly #source: PluginSource;
  readonly #options: WorkerPluginOptions;
  #link: WorkerLink;
  /** The link once it can be used: later than `#link` after a new start. */
  #ready: Promise<WorkerLink>;
  #hung = 0;
  #isSuspected = false;
  #isStarting = false;
  #isOver = false;

  constructor(
    link: WorkerLink,
    { loaded, source, options }: {
      readonly loaded: LoadedPlugin;
      readonly source: PluginSource;
      readonly options: WorkerPluginOptions;
    },
  ) {
    this.name = loaded.name;
    this.hooks = new Set(loaded.hooks);
    this.#source = source;
    this.#options = options;
    this.#link = link;
    this.#ready = Promise.resolve(link);
  }

  async setup(call: Call): Promise<void> {
    await this.#call({ hook: "setup" }, call);
  }

  async connect(
    target: Address,
    call: Call,
  ): Promise<ConnectOutcome | undefined> {
    const { result } = await this.#call({ hook: "connect", target }, call);
    return result.of === "connect" ? result.outcome : undefined;
  }

  async resolve(
    hostname: string,
    call: Call,
  ): Promise<readonly string[] | undefined> {
    const { result } = await this.#call({ hook: "resolve", hostname }, call);
    return result.of === "resolve" ? result.addresses : undefined;
  }

  async request(
    request: RequestFacts,
    call: Call,
  ): Promise<RequestOutcome | undefined> {
    const { result, link } = await this.#call(
      { hook: "request", request },
      call,
    );
    if (result.of !== "request") return undefined;
    return new RemoteBodies(link).request(result.outcome);
  }

  async response(
    exchange: ExchangeFacts,
    call: Call,
  ): Promise<ResponseChange | undefined> {
    const { result, link } = await this.#call(
      { hook: "response", exchange },
      call,
    );
    if (result.of !== "response") return undefined;
    return new RemoteBodies(link).response(result.change);
  }

  async tunnel(event: TunnelChange, call: Call): Promise<void> {
    await this.#call({ hook: "tunnel", event }, call);
  }

  suspect(): void {
    // One that is still being started has its own time limit.
    if (this.#isSuspected || this.#isStarting || this.#isOver) return;
    void this.#probe(this.#link);
  }

  kill(): void {
    this.#isOver = true;
    this.#link.kill("it was stopped");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    try {
      const link = await this.#ready;
      const call = { hook: "dispose" } as const;
      await link.ask({ kind: "call", call });
    } finally {
      this.kill();
    }
  }

  async #call(
    wire: WireCall,
    call: Call,
  ): Promise<{ readonly result: WireResult; readonly link: WorkerLink }> {
    const link = await this.#ready;
    let id = 0;
    const answer = link.ask(
      { kind: "call", call: wire, exchangeId: call.exchangeId },
      { onSent: (sent) => id = sent },
    );
    using _told = call.onAbort(() => link.tell({ kind: "abort", id }));
    try {
      return { result: await answer, link };
    } catch (thrown) {
      this.#notice(thrown, link);
      throw thrown;
    }
  }

  /** A worker that has ended by itself is replaced for the calls to come. */
  #notice(thrown: unknown, link: WorkerLink): void {
    const hasEnded = thrown instanceof PluginError && thrown.code === "stopped";
    if (hasEnded && link === this.#link) this.#startAnew();
  }

  /** Finds out whether only one call takes long, or nothing moves any more. */
  async #probe(link: WorkerLink): Promise<void> {
    this.#isSuspected = true;
    try {
      await deadline(link.ask({ kind: "ping" }), PING_TIME);
    } catch {
      this.#hung += 1;
      link.kill("it hung and was given up");
      if (this.#hung === MAX_HUNG) this.#tellThatItIsOver();
      if (link === this.#link) this.#startAnew();
    } finally {
      this.#isSuspected = false;
    }
  }

  #tellThatItIsOver(): void {
    const hint = "mend its file, and restart the program to end its loops";
    const log = this.#options.logOf(this.name);
    log.error("worker hung too often", { times: this.#hung, hint });
  }

  #startAnew(): void {
    if (this.#isOver || this.#hung >= MAX_HUNG) return;
    this.#options.logOf(this.name).warn("worker ended, starting it anew");
    const { loadBudget } = this.#options;
    const link = new WorkerLink(this.#source, this.#options);
    this.#link = link;
    this.#ready = this.#setUp(link, loadBudget);
    // Those who call it from now on are told.
    this.#ready.catch(() => {});
  }

  async #setUp(link: WorkerLink, loadBudget: number): Promise<WorkerLink> {
    this.#isStarting = true;
    try {
      await loadedBy(link, loadBudget);
      const call = { hook: "setup" } as const;
      await deadline(link.ask({ kind: "call", call }), loadBudget);
      return link;
    } catch (thrown) {
      link.kill("it could not be set up again");
      throw thrown;
    } finally {
      this.#isStarting = false;
    }
  }
}
