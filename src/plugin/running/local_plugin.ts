/*
 * A plugin that runs here. Its hooks get messages to change, their results are
 * checked, and their errors get a message with the hook and the location.
 */
import type { Call } from "./call.ts";
import type { CheckedPlugin } from "../loading/check_plugin.ts";
import type {
  ConnectionPluginContext,
  PluginContext,
  PluginLog,
  TunnelFacts,
} from "../api/context.ts";
import { PluginError, type PluginErrorCode } from "../api/errors.ts";
import { type CallName, type HookName, HOOKS } from "../api/hook_names.ts";
import { isThenable, type MaybePromise } from "../api/maybe_promise.ts";
import {
  AbortSign,
  CallContext,
  ConnectionCallContext,
  type ContextParts,
  ExchangeCallContext,
  ResponseCallContext,
} from "./contexts.ts";
import {
  closeView,
  isStreaming,
  RequestView,
  ResponseView,
} from "./editable_messages.ts";
import type {
  Abort,
  BodyPlan,
  ConnectOutcome,
  OwnResponse,
  RequestData,
  RequestOutcome,
  ResponseOutcome,
} from "../results/outcomes.ts";
import {
  errorReportOf,
  formatErrorReport,
  type Origin,
} from "../loading/error_location.ts";
import type { SendFetch } from "./fetch_data.ts";
import { Fetcher } from "./plugin_fetch.ts";
import type { Match } from "../api/match.ts";
import type { ConnectTarget, Plugin, TunnelChange } from "../api/plugin.ts";
import type {
  BatchOutcome,
  MessageBatch,
} from "../results/message_outcomes.ts";
import { runMessageHook } from "./message_hook.ts";
import type { PluginExchange } from "./plugin_exchange.ts";
import { readAnswer } from "./read_answer.ts";
import { readConnect, readResolve } from "../results/read_result.ts";
import { SENT_CONTENT } from "./message_content.ts";
import type { MessagesData, RunningPlugin } from "./running_plugin.ts";

/** What a plugin runs with. */
export interface LocalPluginOptions {
  /** Where the plugin was imported from. */
  readonly origin: Origin;
  /** Checked options. */
  readonly options: unknown;
  readonly log: PluginLog;
  /** Sends what the plugin fetches. */
  readonly send: SendFetch;
  /** The tunnel, once there is one. */
  readonly tunnel: () => TunnelFacts | undefined;
}

/** A plugin in this process, or in the worker that this code runs in. */
export class LocalPlugin implements RunningPlugin {
  readonly name: string;
  readonly hooks: ReadonlySet<HookName>;
  readonly match: readonly Match[] | undefined;
  readonly #plugin: Plugin;
  readonly #parts: ContextParts;
  readonly #origin: Origin;

  constructor(
    { name, plugin, match }: CheckedPlugin,
    { origin, options, log, send, tunnel }: LocalPluginOptions,
  ) {
    this.name = name;
    this.match = match;
    this.hooks = new Set(HOOKS.filter((hook) => plugin[hook] !== undefined));
    this.#plugin = plugin;
    const fetcher = new Fetcher(send);
    this.#parts = { name, options, log, fetcher, tunnel };
    this.#origin = origin;
  }

  setup(call: Call): MaybePromise<void> {
    const run = (): unknown => this.#plugin.setup?.(this.#context(call));
    return this.#run("setup", run, nothing);
  }

  connect(
    target: ConnectTarget,
    call: Call,
  ): MaybePromise<ConnectOutcome | undefined> {
    const run = (): unknown =>
      this.#plugin.connect?.({ ...target }, this.#connection(call));
    return this.#run("connect", run, readConnect);
  }

  resolve(
    hostname: string,
    call: Call,
  ): MaybePromise<readonly string[] | undefined> {
    const run = (): unknown =>
      this.#plugin.resolve?.(hostname, this.#connection(call));
    return this.#run("resolve", run, readResolve);
  }

  request(
    request: RequestData,
    exchange: PluginExchange,
    call: Call,
  ): MaybePromise<RequestOutcome | undefined> {
    const view = new RequestView(request, exchange.content);
    const context = new ExchangeCallContext(this.#parts, exchange, call);
    return this.#change("request", { view, context }, {
      run: () => this.#plugin.request?.(view, context),
      changeOf: () => RequestView.changeOf(view),
    });
  }

  response(
    { response, request, hadContent }: MessagesData,
    exchange: PluginExchange,
    call: Call,
  ): MaybePromise<ResponseOutcome | undefined> {
    const view = new ResponseView(response, exchange.content);
    const sent = new RequestView(
      request,
      hadContent ? SENT_CONTENT : undefined,
    );
    const parts = { exchange, request: sent };
    const context = new ResponseCallContext(this.#parts, parts, call);
    return this.#change("response", { view, context }, {
      run: () => this.#plugin.response?.(view, context),
      changeOf: () => ResponseView.changeOf(view),
    });
  }

  messages(
    batch: MessageBatch,
    exchange: PluginExchange,
    call: Call,
  ): Promise<BatchOutcome> {
    const request = new RequestView(batch.request, undefined);
    const parts = { exchange, request };
    const context = new ResponseCallContext(this.#parts, parts, call);
    return runMessageHook(batch, {
      run: (message) => this.#plugin.message?.(message, context),
      isAborted: () => ExchangeCallContext.isAborted(context),
      failureOf: (code, cause) => this.#failure(code, "message", cause),
    });
  }

  tunnel(event: TunnelChange, call: Call): MaybePromise<void> {
    const run = (): unknown =>
      this.#plugin.tunnel?.(event, this.#context(call));
    return this.#run("tunnel", run, nothing);
  }

  know(): void {
    // The contexts ask.
  }

  checkLiveness(): void {
    // Code of this process cannot be ended.
  }

  kill(): void {
    // As above.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const run = (): unknown => this.#plugin[Symbol.asyncDispose]?.();
    await this.#run("dispose", run, nothing);
  }

  #context(call: Call): PluginContext {
    return new CallContext(this.#parts, call);
  }

  #connection(call: Call): ConnectionPluginContext {
    return new ConnectionCallContext(this.#parts, call);
  }

  /** Calls a hook that changes a message, or responds. */
  #change<Change extends { readonly body: BodyPlan | undefined }>(
    hook: "request" | "response",
    { view, context }: {
      readonly view: RequestView | ResponseView;
      readonly context: ExchangeCallContext;
    },
    { run, changeOf }: {
      readonly run: () => unknown;
      readonly changeOf: () => Change | undefined;
    },
  ): MaybePromise<Change | OwnResponse | Abort | undefined> {
    return this.#run(hook, run, (returned) => {
      if (ExchangeCallContext.isAborted(context)) {
        closeView(view);
        return ABORT;
      }
      const answer = readAnswer(returned, () => isStreaming(view));
      if (answer !== undefined) closeView(view);
      const outcome = answer ?? changeOf();
      if (outcome?.body === undefined) return outcome;
      return { ...outcome, body: this.#guardBody(hook, outcome.body) };
    });
  }

  /** Calls a hook, and checks its result. */
  #run<T>(
    hook: CallName,
    run: () => unknown,
    read: (returned: unknown) => T,
  ): MaybePromise<T> {
    const readResult = (returned: unknown): T => {
      try {
        return read(returned);
      } catch (thrown) {
        throw this.#failure("badResult", hook, thrown);
      }
    };
    try {
      const returned = run();
      if (!isThenable(returned)) return readResult(returned);
      return Promise.resolve(returned).then(readResult, (thrown: unknown) => {
        if (thrown instanceof AbortSign) return readResult(undefined);
        throw this.#failure("threw", hook, thrown);
      });
    } catch (thrown) {
      if (thrown instanceof AbortSign) return readResult(undefined);
      throw this.#failure("threw", hook, thrown);
    }
  }

  #failure(code: PluginErrorCode, hook: CallName, cause: unknown): PluginError {
    const isNoRoom = cause instanceof PluginError && cause.code === "noRoom";
    if (cause instanceof PluginError && !isNoRoom) return cause;
    const report = errorReportOf(cause, this.#origin);
    return new PluginError(
      isNoRoom ? "noRoom" : code,
      `Cannot run hook "${hook}" of plugin "${this.name}": ` +
        formatErrorReport(report),
      { plugin: this.name, hook, location: report.location, cause },
    );
  }

  /** Errors of a stream get the hook and the location too. */
  #guardBody(hook: HookName, plan: BodyPlan): BodyPlan {
    if (plan.kind === "bytes") return plan;
    const { source } = plan;
    return {
      ...plan,
      source: {
        pull: () => this.#guard(hook, () => source.pull()),
        cancel: () => this.#guard(hook, () => source.cancel()),
      },
    };
  }

  async #guard<T>(hook: HookName, run: () => MaybePromise<T>): Promise<T> {
    try {
      return await run();
    } catch (thrown) {
      throw this.#failure("threw", hook, thrown);
    }
  }
}

const ABORT: Abort = { kind: "abort" };

function nothing(): void {
  // Results of these hooks are ignored.
}
