/*
 * A plugin under supervision. Its calls have a time limit and are counted. It
 * stays in use however often it fails, and everybody can see that it fails. It
 * is disposed when its last use has ended.
 */
import type { EditWatch } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import { Call, type CallSubject } from "../running/call.ts";
import type { TunnelFacts } from "../api/context.ts";
import { PluginError } from "../api/errors.ts";
import type { CallName, HookName } from "../api/hook_names.ts";
import type { Match } from "../api/match.ts";
import type { FailurePolicy } from "../api/plugin_use.ts";
import type { Progress } from "../results/hooked_content.ts";
import { ReadBudget } from "../results/read_budget.ts";
import { FailingHooks, type PluginFailure } from "./failing_hooks.ts";
import { type FailedCall, FailureLog } from "./failure_log.ts";
import { isPending, type MaybePromise } from "../api/maybe_promise.ts";
import {
  exactHostsOf,
  type HostMatcher,
  hostMatcherOf,
  type Matcher,
  matcherOf,
} from "../results/match_requests.ts";
import { PendingCalls } from "./pending_calls.ts";
import type { PluginObserver } from "./plugin_metrics.ts";
import type { RunningPlugin } from "../running/running_plugin.ts";

/** The limits of the supervision. */
export interface SupervisionOptions {
  readonly metrics?: PluginObserver | undefined;
  /** How long content that a plugin changes may stand still, in milliseconds. Default 30,000. */
  readonly progressBudget?: number | undefined;
  /** The memory for content that hooks read. All plugins of a client share it. */
  readonly readBudget?: ReadBudget;
  /** Finds who is notified of what plugins do to an exchange. Default: nobody. */
  readonly editsOf?:
    | ((exchangeId: string) => EditWatch | undefined)
    | undefined;
}

/** What is configured about one plugin. */
export interface SupervisedOptions extends SupervisionOptions {
  /** Limits the requests of `request` and `response`, besides its own `match`. */
  readonly match?: readonly Match[] | undefined;
  /** How long one call may take, in milliseconds. Default 5,000. */
  readonly timeBudget?: number | undefined;
  /** What happens to a request whose hook fails. Default `fail`. */
  readonly onFailure?: FailurePolicy | undefined;
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
  /** Tells whether the plugin waits for the program. That time does not count. */
  readonly progress?: Progress | undefined;
}

/**
 * In milliseconds. A plugin that makes a site slow waits for seconds between two
 * chunks.
 */
const PROGRESS_BUDGET = 30_000;

const log = logger("plugin");

/** In milliseconds: enough for a look-up over the network, and short for a person who waits. */
const TIME_BUDGET = 5_000;

/** Hooks without which a request can go on. `resolve` always does. */
const SKIPPABLE: readonly CallName[] = [
  "connect",
  "request",
  "response",
  "message",
];

/** A plugin that cannot harm its callers. */
export class SupervisedPlugin {
  /** Tells whether `request` and `response` are called for a request. */
  readonly matches: Matcher;
  /** The only hosts of these requests, in lower case; `undefined` where they are not known. */
  readonly hosts: readonly string[] | undefined;
  /** Tells whether they may be called for requests to a host. */
  readonly mayMatch: HostMatcher;
  readonly #plugin: RunningPlugin;
  /** The memory for content that it reads. */
  readonly readBudget: ReadBudget;
  readonly #timeBudget: number;
  readonly #progressBudget: number;
  readonly #metrics: PluginObserver | undefined;
  readonly #editsOf: SupervisionOptions["editsOf"];
  readonly #failureLog: FailureLog;
  readonly #stop = new AbortController();
  readonly #pending = new PendingCalls();
  readonly #failing = new FailingHooks();
  readonly #onFailure: FailurePolicy;
  /** Failures of content: it is too late to pass it unchanged. */
  readonly #bodyFailures = new WeakSet<object>();
  readonly #unused = Promise.withResolvers<void>();
  #ended: Promise<void> | undefined;
  #isSetUp = false;
  #isEnding = false;
  #uses = 0;

  constructor(
    plugin: RunningPlugin,
    {
      timeBudget = TIME_BUDGET,
      progressBudget = PROGRESS_BUDGET,
      readBudget = new ReadBudget(),
      onFailure = "fail",
      metrics,
      editsOf,
      match,
    }: SupervisedOptions = {},
  ) {
    this.#plugin = plugin;
    this.matches = bothMatch(matcherOf(plugin.match), match);
    this.hosts = exactHostsOf(plugin.match) ?? exactHostsOf(match);
    const [own, configured] = [plugin.match, match].map(hostMatcherOf);
    this.mayMatch = (subject) =>
      (own?.(subject) ?? true) && (configured?.(subject) ?? true);
    this.readBudget = readBudget;
    this.#timeBudget = timeBudget;
    this.#progressBudget = progressBudget;
    this.#onFailure = onFailure;
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

  /** What happens to a request whose hook fails. */
  get onFailure(): FailurePolicy {
    return this.#onFailure;
  }

  /** Its latest failure, while it fails and for a minute after. */
  get failure(): PluginFailure | undefined {
    return this.#failing.latest;
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
    this.#isSetUp = true;
    this.#metrics?.setFailing(this.name, false);
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
      if (isPending(result)) {
        return this.#wait(result, { options, call, startedAt });
      }
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
    this.#failureLog.add(call, error, this.#isSkippable(call, error));
    const reason = error instanceof Error ? error.message : String(error);
    this.editsOf(exchange?.id)?.stopped(this.name, hook, reason);
  }

  /**
   * Whether a request goes on as if the plugin were not there, although a hook
   * has failed. It is counted then.
   */
  skips(call: FailedCall, error: unknown): boolean {
    if (!this.#isSkippable(call, error)) return false;
    this.#metrics?.skipped(this.name, call.hook);
    return true;
  }

  #isSkippable({ hook, isBodyStep }: FailedCall, error: unknown): boolean {
    if (this.#onFailure !== "skip" || isBodyStep) return false;
    if (!(error instanceof PluginError) || error.code === "refused") {
      return false;
    }
    return SKIPPABLE.includes(hook) && !this.#bodyFailures.has(error);
  }

  /** Marks the plugin as used until the result is disposed. */
  hold(): Disposable {
    this.use();
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.release();
        isHeld = false;
      },
    };
  }

  /** Marks the plugin as used until as many calls of `release()`. */
  use(): void {
    this.#uses += 1;
  }

  /** Ends one use. */
  release(): void {
    this.#uses -= 1;
    if (this.#isEnding && this.#uses === 0) this.#unused.resolve();
  }

  /** Whether anything holds it. */
  get isUsed(): boolean {
    return this.#uses > 0;
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
      this.#pending.end(this.#stop.signal.reason);
      this.#failureLog[Symbol.dispose]();
    }
  }

  async #wait<T>(
    result: Promise<T>,
    { options, call, startedAt }: {
      readonly options: CallOptions;
      readonly call: Call;
      readonly startedAt: number;
    },
  ): Promise<T> {
    const ms = this.#budgetOf(options);
    const { progress } = options;
    try {
      const limit = { ms, progress, startedAt };
      const value = await this.#pending.wait(result, call, limit);
      this.#succeeded(options, startedAt);
      return value;
    } catch (thrown) {
      // Only its time limit aborts a call here.
      const isLate = call.isAborted;
      if (isLate) this.#plugin.checkLiveness();
      const error = isLate ? this.#lateness(options) : thrown;
      this.#failed(options, startedAt, error);
      throw error;
    }
  }

  /** 0 means no limit. */
  #budgetOf({ hasNoTimeLimit, isBodyStep }: CallOptions): number {
    if (hasNoTimeLimit) return 0;
    return isBodyStep ? this.#progressBudget : this.#timeBudget;
  }

  #lateness({ hook, isBodyStep }: CallOptions): PluginError {
    const what = isBodyStep
      ? `its content stands still for ${this.#progressBudget} ms`
      : `it takes longer than ${this.#timeBudget} ms`;
    return new PluginError(
      "timedOut",
      `Cannot run hook "${hook}" of plugin "${this.name}": ${what}`,
      { plugin: this.name, hook },
    );
  }

  #succeeded({ hook, isBodyStep }: CallOptions, startedAt: number): void {
    if (this.#failing.isFailing) {
      this.#failing.succeed(counterOf(hook, isBodyStep));
      this.#noteFailing();
    }
    if (!isBodyStep) this.#observe(hook, startedAt, false);
  }

  #failed(options: CallOptions, startedAt: number, error: unknown): void {
    const { hook, signal, isBodyStep } = options;
    // A call that the end of the plugin cuts has not failed.
    if (this.#isEnding && error === this.#stop.signal.reason) return;
    // The browser has gone: a plugin that stops then has not failed.
    if (signal.aborted && !isLateError(error)) return;
    // So has the sender of the content.
    if (options.progress?.failure !== undefined) return;
    this.#observe(hook, startedAt, true);
    if (isBodyStep && error instanceof PluginError) {
      this.#bodyFailures.add(error);
    }
    // What fails to start says so by itself.
    if (hook === "setup") return;
    if (hook === "dispose" && !this.#isSetUp) {
      // It closes what its setup did not open.
      log.debug("hook failed", { plugin: this.name, hook, error });
      return;
    }
    this.reportFailure(options, error);
    this.#failing.fail(counterOf(hook, isBodyStep), hook, error);
    this.#noteFailing();
  }

  /** An old version that ends says nothing about the new one. */
  #noteFailing(): void {
    if (this.#isEnding) return;
    this.#metrics?.setFailing(this.name, this.#failing.isFailing);
  }

  #observe(hook: CallName, startedAt: number, failed: boolean): void {
    const seconds = (performance.now() - startedAt) / 1000;
    this.#metrics?.observe({ plugin: this.name, hook, seconds, failed });
  }
}

const NEVER = new AbortController();

function bothMatch(
  own: Matcher,
  configured: readonly Match[] | undefined,
): Matcher {
  if (configured === undefined) return own;
  const other = matcherOf(configured);
  return (subject) => other(subject) && own(subject);
}

/** Content fails or succeeds long after the hook that returned it: it has its own counter. */
function counterOf(hook: CallName, isBodyStep = false): string {
  return isBodyStep ? `${hook} body` : hook;
}

function isLateError(error: unknown): boolean {
  return error instanceof PluginError && error.code === "timedOut";
}
