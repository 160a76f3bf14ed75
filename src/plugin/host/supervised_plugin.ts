/*
 * A plugin under supervision. Its calls have a time limit and are counted. It is
 * switched off when it fails again and again, and disposed when its last use has
 * ended.
 */
import { deadline } from "../../async/timer.ts";
import type { EditWatch } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import { Call, type CallSubject } from "../running/call.ts";
import type { TunnelFacts } from "../api/context.ts";
import { PluginError } from "../api/errors.ts";
import type { CallName, HookName } from "../api/hook_names.ts";
import { type FailedCall, FailureLog } from "./failure_log.ts";
import { isPending, type MaybePromise } from "../api/maybe_promise.ts";
import {
  hostMatcherOf,
  type Matcher,
  matcherOf,
  type MatchSubject,
} from "../results/match_requests.ts";
import type { PluginObserver } from "./plugin_metrics.ts";
import type { RunningPlugin } from "../running/running_plugin.ts";

/** The limits of the supervision. */
export interface SupervisionOptions {
  /** How long one call may take, in milliseconds. */
  readonly timeBudget?: number;
  /** Failures of one hook in a row that switch a plugin off. */
  readonly maxFailures?: number;
  readonly metrics?: PluginObserver | undefined;
  /** Finds who is notified of what plugins do to an exchange. Default: nobody. */
  readonly editsOf?:
    | ((exchangeId: string) => EditWatch | undefined)
    | undefined;
}

/** What a call is for. */
export interface CallOptions {
  readonly hook: CallName;
  /** Aborted when nobody waits for the exchange any more. */
  readonly signal: AbortSignal;
  /** The exchange that the call is for, if there is one. */
  readonly exchange?: CallSubject | undefined;
  /** Whether the call is for one of many chunks of a body. Only its failures are counted. */
  readonly isBodyStep?: boolean;
  /** Whether the call may take any time: an endless response. */
  readonly hasNoTimeLimit?: boolean;
}

const log = logger("plugin");

/** A plugin that cannot harm its callers. */
export class SupervisedPlugin {
  /** Tells whether `request` and `response` are called for a request. */
  readonly matches: Matcher;
  /** Tells whether they may be called for requests to a host. */
  readonly mayMatch: (part: Pick<MatchSubject, "host" | "job">) => boolean;
  readonly #plugin: RunningPlugin;
  readonly #timeBudget: number;
  readonly #maxFailures: number;
  readonly #metrics: PluginObserver | undefined;
  readonly #editsOf: SupervisionOptions["editsOf"];
  readonly #failureLog: FailureLog;
  readonly #stop = new AbortController();
  readonly #failures = new Map<string, number>();
  readonly #unused = Promise.withResolvers<void>();
  #ended: Promise<void> | undefined;
  #isEnabled = true;
  #isEnding = false;
  #uses = 0;

  constructor(
    plugin: RunningPlugin,
    { timeBudget = 5_000, maxFailures = 10, metrics, editsOf }:
      SupervisionOptions = {},
  ) {
    this.#plugin = plugin;
    this.matches = matcherOf(plugin.match);
    this.mayMatch = hostMatcherOf(plugin.match);
    this.#timeBudget = timeBudget;
    this.#maxFailures = maxFailures;
    this.#metrics = metrics;
    this.#editsOf = editsOf;
    this.#failureLog = new FailureLog(plugin.name);
  }

  /** Name of the plugin. */
  get name(): string {
    return this.#plugin.name;
  }

  /** Whether it has this hook. */
  has(hook: HookName): boolean {
    return this.#plugin.hooks.has(hook);
  }

  /** Whether it is in use, not switched off. */
  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** Notifies it of the tunnel. */
  know(tunnel: TunnelFacts): void {
    this.#plugin.know(tunnel);
  }

  /** Sets the plugin up. @throws {PluginError} When that fails. The caller must end it then. */
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
    action: (plugin: RunningPlugin, call: Call) => MaybePromise<T>,
  ): MaybePromise<T> {
    const call = new Call(
      [options.signal, this.#stop.signal],
      options.exchange,
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

  /** Who is notified of what the plugin does to an exchange, if anybody is. */
  editsOf(exchangeId: string | undefined): EditWatch | undefined {
    return exchangeId === undefined ? undefined : this.#editsOf?.(exchangeId);
  }

  /** Logs that a call has failed, and notifies who watches its exchange. */
  reportFailure(call: FailedCall, error: unknown): void {
    const { hook, exchange } = call;
    this.#failureLog.add(call, error);
    const reason = error instanceof Error ? error.message : String(error);
    this.editsOf(exchange?.id)?.stopped(this.name, hook, reason);
  }

  /** Marks the plugin as used until the result is disposed. */
  hold(): Disposable {
    this.#uses += 1;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#uses -= 1;
        if (this.#isEnding && this.#uses === 0) this.#unused.resolve();
      },
    };
  }

  /** Waits until its last use has ended, and ends it. */
  async endWhenUnused(): Promise<void> {
    this.#isEnding = true;
    if (this.#uses > 0) await this.#unused.promise;
    await this.end();
  }

  /** Ends it now. Its own dispose has a time limit. Never throws. */
  end(): Promise<void> {
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<void> {
    this.#isEnding = true;
    this.#stop.abort(new DOMException("The plugin is stopped", "AbortError"));
    this.#unused.resolve();
    const { signal } = NEVER;
    try {
      await this.run(
        { hook: "dispose", signal },
        async (plugin) => await plugin[Symbol.asyncDispose](),
      );
    } catch {
      // Its failure is logged. It ends all the same.
    } finally {
      this.#plugin.kill();
      this.#failureLog[Symbol.dispose]();
    }
  }

  async #wait<T>(
    result: Promise<T>,
    { options, call }: { readonly options: CallOptions; readonly call: Call },
  ): Promise<T> {
    const startedAt = performance.now();
    const timeBudget = options.hasNoTimeLimit ? 0 : this.#timeBudget;
    let isLate = false;
    try {
      const value = await deadline(result, timeBudget, () => {
        isLate = true;
        call.abort(new DOMException("The call takes too long", "TimeoutError"));
      });
      this.#succeeded(options, startedAt);
      return value;
    } catch (thrown) {
      if (isLate) this.#plugin.checkLiveness();
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

  #succeeded({ hook, isBodyStep }: CallOptions, startedAt: number): void {
    if (this.#failures.size > 0) {
      this.#failures.delete(counterOf(hook, isBodyStep));
    }
    if (!isBodyStep) this.#observe(hook, startedAt, false);
  }

  #failed(options: CallOptions, startedAt: number, error: unknown): void {
    const { hook, signal, isBodyStep } = options;
    // The browser has gone: a plugin that stops then has not failed.
    if (signal.aborted && !isLateError(error)) return;
    this.#observe(hook, startedAt, true);
    // What fails to start says so by itself.
    if (hook !== "setup") this.reportFailure(options, error);
    const counter = counterOf(hook, isBodyStep);
    const failures = (this.#failures.get(counter) ?? 0) + 1;
    this.#failures.set(counter, failures);
    if (failures < this.#maxFailures || !this.#isEnabled) return;
    this.#isEnabled = false;
    this.#metrics?.setEnabled(this.name, false);
    log.warn("plugin switched off", {
      id: options.exchange?.id,
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

/** Content fails or succeeds long after the hook that returned it: it has its own counter. */
function counterOf(hook: CallName, isBodyStep = false): string {
  return isBodyStep ? `${hook} body` : hook;
}

function isLateError(error: unknown): boolean {
  return error instanceof PluginError && error.code === "timedOut";
}
