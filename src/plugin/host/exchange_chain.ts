/*
 * Passes a request through the `request` hooks of many plugins, and its response
 * through their `response` hooks. Each sees the changes of those before it, and
 * in `response` the request as it left it.
 */
import type {
  Body,
  ExchangeContext,
  PlainResponse,
} from "../../http/exchange.ts";
import { ExchangeAborted } from "../../http/exchange_aborted.ts";
import { PluginError } from "../api/errors.ts";
import type { HookName } from "../api/hook_names.ts";
import type { MaybePromise } from "../api/maybe_promise.ts";
import {
  changeRequest,
  ownResponse,
  type ReadableRequest,
  requestData,
} from "../results/change_request.ts";
import { changeResponse, responseData } from "../results/change_response.ts";
import type { Content } from "../results/content.ts";
import { HookedContent } from "../results/hooked_content.ts";
import type { Abort, BodyPlan, RequestData } from "../results/outcomes.ts";
import type { Call, CallSubject } from "../running/call.ts";
import { PluginExchange } from "../running/plugin_exchange.ts";
import type { RunningPlugin } from "../running/running_plugin.ts";
import { superviseBody } from "./supervised_body.ts";
import type { CallOptions, SupervisedPlugin } from "./supervised_plugin.ts";

/** The part of an exchange's context that hooks need. */
export type HookContext = Pick<
  ExchangeContext,
  "id" | "signal" | "edits" | "user" | "job"
>;

/** A WebSocket whose messages plugins see. */
export interface Socket {
  /** In order. */
  readonly steps: readonly SocketStep[];
  readonly subject: CallSubject;
}

/** A plugin that sees its messages. */
export interface SocketStep {
  readonly plugin: SupervisedPlugin;
  readonly exchange: PluginExchange;
  /** The handshake as it left the plugin. */
  readonly request: RequestData;
}

/** One exchange on its way through plugins. Disposing ends it for them. */
export class ExchangeChain implements Disposable {
  readonly #context: HookContext;
  readonly #subject: CallSubject;
  readonly #steps: readonly Step[];
  readonly #first: RequestData;
  /** Content of the request that hooks have read. */
  readonly #readers: HookedContent[] = [];
  #last: ReadableRequest;
  #isKept = false;

  /**
   * @param plugins Those that are called for it.
   * @param original The request as the browser sent it.
   */
  constructor(
    plugins: readonly SupervisedPlugin[],
    original: ReadableRequest,
    context: HookContext,
  ) {
    const { id, user, job } = context;
    this.#context = context;
    this.#steps = plugins.map((plugin) => new Step(plugin));
    this.#first = requestData(original);
    const { url, method } = this.#first;
    this.#subject = { id, user, job, original: { method, url } };
    this.#last = original;
  }

  /** The changed request, or a response to it. @throws {PluginError} A hook failed. */
  async request(
    original: ReadableRequest,
  ): Promise<ReadableRequest | PlainResponse> {
    let current = original;
    try {
      for (const step of this.#steps) {
        if (step.plugin.has("request")) {
          const next = await this.#askUnlessSkipped(current, step);
          if (next.kind === "response") return next;
          current = next;
        }
        step.left = current;
      }
      return current;
    } catch (thrown) {
      discard(current, original);
      throw thrown;
    } finally {
      this.#last = current;
    }
  }

  /** The changed response. @throws {PluginError} A hook failed. */
  response(original: PlainResponse): MaybePromise<PlainResponse> {
    // The site has responded: what it was sent is not kept for it any more.
    for (const reader of this.#readers) reader.release();
    return this.#steps.some(({ plugin }) => plugin.has("response"))
      ? this.#response(original)
      : original;
  }

  async #response(original: PlainResponse): Promise<PlainResponse> {
    let current = original;
    try {
      for (const step of this.#steps) {
        if (!step.plugin.has("response")) continue;
        current = await this.#answerUnlessSkipped(current, step);
      }
      return current;
    } catch (thrown) {
      // Nobody else has this body yet.
      current.body?.cancel(thrown);
      throw thrown;
    }
  }

  /** What the hooks of messages need, if the exchange opens a WebSocket that plugins see. */
  socket(): Socket | undefined {
    const steps = this.#steps.filter(({ plugin }) => plugin.has("message"));
    if (steps.length === 0) return undefined;
    return {
      steps: steps.map(({ plugin, exchange, left = this.#last }) => ({
        ...{ plugin, exchange, request: requestData(left) },
      })),
      subject: this.#subject,
    };
  }

  /** Whether plugins see the messages of a WebSocket that the exchange opens. */
  get seesMessages(): boolean {
    return this.#steps.some(({ plugin }) => plugin.has("message"));
  }

  /** Goes on for plugins, after it is disposed, until the result is. */
  keep(): Disposable {
    this.#isKept = true;
    return { [Symbol.dispose]: () => this.#end() };
  }

  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader.release();
    if (!this.#isKept) this.#end();
  }

  #end(): void {
    for (const { exchange } of this.#steps) exchange[Symbol.dispose]();
  }

  /** What the hook makes of the request, or the request where the plugin's failures are skipped. */
  async #askUnlessSkipped(
    request: ReadableRequest,
    step: Step,
  ): Promise<ReadableRequest | PlainResponse> {
    try {
      return await this.#ask(request, step);
    } catch (thrown) {
      if (step.plugin.skips({ hook: "request" }, thrown)) return request;
      throw thrown;
    }
  }

  async #answerUnlessSkipped(
    response: PlainResponse,
    step: Step,
  ): Promise<PlainResponse> {
    try {
      return await this.#answer(response, step);
    } catch (thrown) {
      if (step.plugin.skips({ hook: "response" }, thrown)) return response;
      throw thrown;
    }
  }

  async #ask(
    request: ReadableRequest,
    { plugin, exchange }: Step,
  ): Promise<ReadableRequest | PlainResponse> {
    const { body } = contentOf(request);
    const call = new HookCall("request", { body, fields: request.fields }, {
      plugin,
      exchange,
      context: this.#context,
      subject: this.#subject,
    });
    this.#readers.push(call.reader);
    const isFirst = request === this.#last;
    const data = isFirst ? this.#first : requestData(request);
    const outcome = await call.run((running, each) =>
      running.request(data, exchange, each)
    );
    const { edits } = this.#context;
    const before = request.kind === "upgrade"
      ? request
      : withBody(request, call.reader);
    if (outcome === undefined) {
      call.reader.close();
      return before;
    }
    const next = call.apply(() =>
      outcome.kind === "respond"
        ? ownResponse(call.supervise(outcome), request.method, call.reader)
        : changeRequest(request, call.supervise(outcome), call.reader)
    );
    edits?.requestEdited(plugin.name, before, next);
    return next;
  }

  async #answer(
    response: PlainResponse,
    { plugin, exchange, left = this.#last }: Step,
  ): Promise<PlainResponse> {
    const call = new HookCall("response", response, {
      plugin,
      exchange,
      context: this.#context,
      subject: this.#subject,
    });
    const { reader } = call;
    const messages = {
      response: responseData(response),
      request: requestData(left),
      hadContent: left.kind === "request" && left.body !== undefined,
    };
    const outcome = await call.run((running, each) =>
      running.response(messages, exchange, each)
    );
    const before = withBody(response, reader);
    if (outcome === undefined) {
      reader.close();
      return before;
    }
    const { method } = left;
    const next = call.apply(() =>
      outcome.kind === "respond"
        ? ownResponse(call.supervise(outcome), method, reader)
        : changeResponse(response, call.supervise(outcome), { method, reader })
    );
    this.#context.edits?.responseEdited(plugin.name, before, next);
    return next;
  }
}

/** A plugin that is called for the exchange. */
class Step {
  readonly plugin: SupervisedPlugin;
  readonly exchange = new PluginExchange();
  /** The request as it left the plugin; `undefined` where another one responded before. */
  left: ReadableRequest | undefined;

  constructor(plugin: SupervisedPlugin) {
    this.plugin = plugin;
  }
}

interface HookCallParts {
  readonly plugin: SupervisedPlugin;
  readonly exchange: PluginExchange;
  readonly subject: CallSubject;
  readonly context: HookContext;
}

/** One call of a hook that may change a message. */
class HookCall {
  readonly reader: HookedContent;
  readonly #plugin: SupervisedPlugin;
  readonly #exchange: PluginExchange;
  readonly #options: CallOptions & { readonly hook: HookName };

  constructor(
    hook: HookName,
    content: Content,
    { plugin, exchange, subject, context }: HookCallParts,
  ) {
    this.reader = new HookedContent(content, plugin.readBudget);
    this.#plugin = plugin;
    this.#exchange = exchange;
    this.#options = {
      hook,
      signal: context.signal,
      exchange: subject,
      progress: this.reader,
    };
  }

  /** What the hook decides. @throws {PluginError} When it fails, or aborts the exchange. */
  async run<Outcome extends { readonly kind: string }>(
    action: (
      running: RunningPlugin,
      call: Call,
    ) => MaybePromise<Outcome | Abort | undefined>,
  ): Promise<Exclude<Outcome, Abort> | undefined> {
    const { reader } = this;
    this.#exchange.content = reader.isEmpty ? undefined : reader;
    try {
      const outcome = await this.#plugin.run(this.#options, action);
      if (outcome === undefined || !isAbort(outcome)) {
        return outcome as Exclude<Outcome, Abort> | undefined;
      }
    } catch (thrown) {
      reader.close();
      reader.release();
      throw reader.failure?.thrown ?? thrown;
    } finally {
      this.#exchange.content = undefined;
    }
    reader.close();
    reader.release();
    throw this.#aborted();
  }

  /** The outcome with its content supervised. */
  supervise<Outcome extends { readonly body: BodyPlan | undefined }>(
    outcome: Outcome,
  ): Outcome {
    if (outcome.body?.kind !== "stream") return outcome;
    const body = superviseBody(outcome.body, this.#plugin, this.#options);
    return { ...outcome, body };
  }

  /** An impossible change is a failure of its hook. */
  apply<T>(change: () => T): T {
    try {
      return change();
    } catch (cause) {
      this.reader.close();
      this.reader.release();
      if (!(cause instanceof TypeError)) throw cause;
      const { name } = this.#plugin;
      const { hook } = this.#options;
      const error = new PluginError(
        "badResult",
        `Cannot run hook "${hook}" of plugin "${name}": ${cause.message}`,
        { plugin: name, hook, cause },
      );
      this.#plugin.reportFailure(this.#options, error);
      throw error;
    }
  }

  #aborted(): ExchangeAborted {
    const { name } = this.#plugin;
    const { hook, exchange } = this.#options;
    this.#plugin.editsOf(exchange?.id)?.stopped(
      name,
      hook,
      "it aborts the request",
    );
    return new ExchangeAborted(`Plugin "${name}" aborts the request`);
  }
}

/** The message with its content as it passes on after it may have been read. */
function withBody<Message extends { readonly body: Body | undefined }>(
  message: Message,
  { body }: HookedContent,
): Message {
  return body === message.body ? message : { ...message, body };
}

function isAbort(outcome: { readonly kind: string }): outcome is Abort {
  return outcome.kind === "abort";
}

function contentOf(
  request: ReadableRequest,
): { readonly body: Body | undefined } {
  return { body: request.kind === "request" ? request.body : undefined };
}

/** Cancels content that a plugin has changed. Unchanged content belongs to the caller. */
function discard(request: ReadableRequest, original: ReadableRequest): void {
  if (request === original || request.kind === "upgrade") return;
  request.body?.cancel();
}
