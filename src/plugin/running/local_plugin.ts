/*
 * A plugin that runs here. Its hooks get read-only views, their results are
 * checked, and their errors get a message with the hook and the location.
 */
import type { Call } from "./call.ts";
import type { CheckedPlugin } from "../loading/check_plugin.ts";
import type {
  ConnectionPluginContext,
  ExchangePluginContext,
  LogFields,
  PluginContext,
  PluginFetch,
  PluginLog,
  TunnelFacts,
} from "../api/context.ts";
import { PluginError, type PluginErrorCode } from "../api/errors.ts";
import { type CallName, type HookName, HOOKS } from "../api/hook_names.ts";
import { isThenable, type MaybePromise } from "../api/maybe_promise.ts";
import type {
  BodyPlan,
  ConnectOutcome,
  RequestData,
  RequestOutcome,
  ResponseChange,
  SourcePlan,
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
import {
  readConnect,
  readRequest,
  readResolve,
  readResponse,
} from "../results/read_result.ts";
import type {
  BatchOutcome,
  MessageBatch,
} from "../results/message_outcomes.ts";
import { runMessageHook } from "./message_hook.ts";
import type { ExchangeData, RunningPlugin } from "./running_plugin.ts";
import { RequestView, ResponseView } from "../results/views.ts";

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
    call: Call,
  ): MaybePromise<RequestOutcome | undefined> {
    const run = (): unknown =>
      this.#plugin.request?.(new RequestView(request), this.#exchange(call));
    return this.#run("request", run, (returned) => {
      const outcome = readRequest(returned, request.url);
      if (outcome?.body === undefined) return outcome;
      return outcome.kind === "respond"
        ? { ...outcome, body: this.#guardSource(outcome.body) }
        : { ...outcome, body: this.#guardBody("request", outcome.body) };
    });
  }

  response(
    { response, request }: ExchangeData,
    call: Call,
  ): MaybePromise<ResponseChange | undefined> {
    const run = (): unknown =>
      this.#plugin.response?.(
        new ResponseView(response),
        new RequestView(request),
        this.#exchange(call),
      );
    return this.#run("response", run, (returned) => {
      const change = readResponse(returned);
      if (change?.body === undefined) return change;
      return { ...change, body: this.#guardBody("response", change.body) };
    });
  }

  messages(batch: MessageBatch, call: Call): Promise<BatchOutcome> {
    const context = this.#exchange(call);
    return runMessageHook(batch, {
      run: (message) => this.#plugin.message?.(message, context),
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

  #exchange(call: Call): ExchangePluginContext {
    return new ExchangeCallContext(this.#parts, call);
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
        throw this.#failure("threw", hook, thrown);
      });
    } catch (thrown) {
      throw this.#failure("threw", hook, thrown);
    }
  }

  #failure(code: PluginErrorCode, hook: CallName, cause: unknown): PluginError {
    if (cause instanceof PluginError) return cause;
    const report = errorReportOf(cause, this.#origin);
    return new PluginError(
      code,
      `Cannot run hook "${hook}" of plugin "${this.name}": ` +
        formatErrorReport(report),
      { plugin: this.name, hook, location: report.location, cause },
    );
  }

  #guardBody(hook: HookName, plan: BodyPlan): BodyPlan {
    switch (plan.kind) {
      case "bytes":
        return plan;
      case "text":
        return {
          ...plan,
          rewrite: (text) => this.#guard(hook, () => plan.rewrite(text)),
        };
      case "transform": {
        const { transform, flush } = plan;
        return {
          ...plan,
          transform: (chunk) => this.#guard(hook, () => transform(chunk)),
          flush: flush && (() => this.#guard(hook, flush)),
        };
      }
    }
  }

  #guardSource(source: SourcePlan): SourcePlan {
    return {
      ...source,
      pull: () => this.#guard("request", source.pull),
      cancel: () => this.#guard("request", source.cancel),
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

/** What all contexts of a plugin share. */
interface ContextParts {
  readonly name: string;
  readonly options: unknown;
  readonly log: PluginLog;
  readonly fetcher: Fetcher;
  readonly tunnel: () => TunnelFacts | undefined;
}

/** The context of a call. Its signal, its log and its `fetch` are made on first use. */
class CallContext implements PluginContext {
  readonly name: string;
  readonly options: unknown;
  readonly #parts: ContextParts;
  readonly #call: Call;

  constructor(parts: ContextParts, call: Call) {
    this.name = parts.name;
    this.options = parts.options;
    this.#parts = parts;
    this.#call = call;
  }

  get log(): PluginLog {
    return logOfExchange(this.#parts.log, this.#call.exchange?.id);
  }

  get tunnel(): TunnelFacts | undefined {
    return this.#parts.tunnel();
  }

  get fetch(): PluginFetch {
    return this.#parts.fetcher.forCall(this.#call);
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }
}

/** The context of a call for the connection of a request. */
class ConnectionCallContext extends CallContext
  implements ConnectionPluginContext {
  readonly id: string;
  readonly user: string | undefined;
  readonly job: string | undefined;

  constructor(parts: ContextParts, call: Call) {
    super(parts, call);
    this.id = call.exchange?.id ?? "";
    this.user = call.exchange?.user;
    this.job = call.exchange?.job;
  }
}

/** The context of a call for one request. */
class ExchangeCallContext extends ConnectionCallContext
  implements ExchangePluginContext {}

function nothing(): void {
  // Results of these hooks are ignored.
}

/** `log` with the id of the exchange on each line, if there is one. */
function logOfExchange(
  log: PluginLog,
  id: string | undefined,
): PluginLog {
  if (id === undefined) return log;
  // The id comes last, so that a plugin cannot use that of another exchange.
  const withId = (fields?: LogFields): LogFields => ({ ...fields, id });
  return {
    debug: (message, fields) => log.debug(message, withId(fields)),
    info: (message, fields) => log.info(message, withId(fields)),
    warn: (message, fields) => log.warn(message, withId(fields)),
    error: (message, fields) => log.error(message, withId(fields)),
  };
}
