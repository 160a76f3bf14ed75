/**
 * A plugin under supervision: its calls have a time budget and are counted, it
 * is switched off when it fails all the time, and it is disposed only when
 * nobody uses it any more.
 *
 * @module
 */
import { deadline } from "../../async/timer.ts";
import { logger } from "../../log/log.ts";
import { Call } from "./call.ts";
import { PluginError } from "../api/errors.ts";
import type { CallName, HookName } from "../api/hook_names.ts";
import { isPending, type Maybe } from "../api/maybe_promise.ts";
import type { PluginMetrics } from "./plugin_metrics.ts";
import type { RunningPlugin } from "./running_plugin.ts";

/** How strict the supervision is. */
export interface SupervisionOptions {
  /** How long one call may take, in milliseconds. */
  readonly timeBudget?: number;
  /** How many failures of one hook in a row switch a plugin off. */
  readonly maxFailures?: number;
  readonly metrics?: PluginMetrics | undefined;
}

/** What a call is for. */
export interface CallOptions {
  readonly hook: CallName;
  /** Aborted when nobody waits for the exchange any more. */
  readonly signal: AbortSignal;
  /** The request that the call is for, if any. */
  readonly exchangeId?: string | undefined;
  /** Whether it is a part of a call: one of many chunks. Only its failures count. */
  readonly isStep?: boolean;
  /** Whether it may take as long as it likes: an answer that is never complete. */
  readonly isPatient?: boolean;
}

const log = logger("plugin");

/** A plugin that others can rely on. */
export class SupervisedPlugin {
  readonly #plugin: RunningPlugin;
  readonly #timeBudget: number;
  readonly #maxFailures: number;
  readonly #metrics: PluginMetrics | undefined;
  readonly #stop = new AbortController();
  readonly #failures = new Map<string, number>();
  readonly #unused = Promise.withResolvers<void>();
  #ended: Promise<void> | undefined;
  #isEnabled = true;
  #isRetired = false;
  #uses = 0;

  constructor(
    plugin: RunningPlugin,
    { timeBudget = 5_000, maxFailures = 10, metrics }: SupervisionOptions = {},
  ) {
    this.#plugin = plugin;
    this.#timeBudget = timeBudget;
    this.#maxFailures = maxFailures;
    this.#metrics = metrics;
  }

  /** Name of the plugin. */
  get name(): string {
    return this.#plugin.name;
  }

  /** Whether it has this hook. */
  has(hook: HookName): boolean {
    return this.#plugin.hooks.has(hook);
  }

  /** Whether it has not been switched off. */
  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** Sets the plugin up. @throws {PluginError} When it cannot; it must be ended then. */
  async setUp(): Promise<void> {
    const { signal } = this.#stop;
    await this.run(
      { hook: "setup", signal },
      (plugin, call) => plugin.setup(call),
    );
    this.#metrics?.setEnabled(this.name, true);
  }

  /**
   * Calls a hook, or a part of what it returned.
   *
   * @throws {PluginError} What `action` throws; `timedOut` when it takes too long.
   */
  run<T>(
    options: CallOptions,
    action: (plugin: RunningPlugin, call: Call) => Maybe<T>,
  ): Maybe<T> {
    const call = new Call(
      [options.signal, this.#stop.signal],
      options.exchangeId,
    );
    const startedAt = performance.now();
    try {
      const result = action(this.#plugin, call);
      if (isPending(result)) return this.#wait(result, { options, call });
      this.#succeeded(options, startedAt);
      return result;
    } catch (thrown) {
      this.#failed(options, startedAt, thrown);
      throw thrown;
    }
  }

  /** Says that it is used until the result is disposed. */
  hold(): Disposable {
    this.#uses += 1;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#uses -= 1;
        if (this.#isRetired && this.#uses === 0) this.#unused.resolve();
      },
    };
  }

  /** Waits until nobody uses it, and ends it. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    if (this.#uses > 0) await this.#unused.promise;
    await this.end();
  }

  /** Ends it now: its own dispose runs within the time budget. Never throws. */
  end(): Promise<void> {
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<void> {
    this.#isRetired = true;
    this.#stop.abort(new DOMException("The plugin is stopped", "AbortError"));
    this.#unused.resolve();
    const { signal } = NEVER;
    try {
      await this.run(
        { hook: "dispose", signal },
        async (plugin) => await plugin[Symbol.asyncDispose](),
      );
    } catch (error) {
      log.warn("cannot dispose plugin", { plugin: this.name, error });
    } finally {
      this.#plugin.kill();
    }
  }

  async #wait<T>(
    result: Promise<T>,
    { options, call }: { readonly options: CallOptions; readonly call: Call },
  ): Promise<T> {
    const startedAt = performance.now();
    const timeBudget = options.isPatient ? 0 : this.#timeBudget;
    let isLate = false;
    try {
      const value = await deadline(result, timeBudget, () => {
        isLate = true;
        call.abort(new DOMException("The call takes too long", "TimeoutError"));
      });
      this.#succeeded(options, startedAt);
      return value;
    } catch (thrown) {
      if (isLate) this.#plugin.suspect();
      const error = isLate ? this.#lateness(options.hook) : thrown;
      this.#failed(options, startedAt, error);
      throw error;
    }
  }

  #lateness(hook: CallName): PluginError {
    return new PluginError(
      "timedOut",
      `Cannot run hook "${hook}" of plugin "${this.name}": ` +
        `it takes longer than ${this.#timeBudget} ms`,
      { plugin: this.name, hook },
    );
  }

  #succeeded({ hook, isStep }: CallOptions, startedAt: number): void {
    if (this.#failures.size > 0) this.#failures.delete(counterOf(hook, isStep));
    if (!isStep) this.#observe(hook, startedAt, false);
  }

  #failed(options: CallOptions, startedAt: number, error: unknown): void {
    const { hook, signal, isStep } = options;
    // The browser has gone: a plugin that stops then does what it should.
    if (signal.aborted && !isLateError(error)) return;
    this.#observe(hook, startedAt, true);
    const counter = counterOf(hook, isStep);
    const failures = (this.#failures.get(counter) ?? 0) + 1;
    this.#failures.set(counter, failures);
    if (failures < this.#maxFailures || !this.#isEnabled) return;
    this.#isEnabled = false;
    this.#metrics?.setEnabled(this.name, false);
    log.warn("plugin switched off", {
      id: options.exchangeId,
      plugin: this.name,
      failures,
      error,
    });
  }

  #observe(hook: CallName, startedAt: number, failed: boolean): void {
    const seconds = (performance.now() - startedAt) / 1000;
    this.#metrics?.observe({ plugin: this.name, hook, seconds, failed });
  }
}

const NEVER = new AbortController();

/** Content fails or succeeds long after the hook that returned it has. */
function counterOf(hook: CallName, isStep = false): string {
  return isStep ? `${hook} body` : hook;
}

function isLateError(error: unknown): boolean {
  return error instanceof PluginError && error.code === "timedOut";
}
