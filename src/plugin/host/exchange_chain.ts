/*
 * Passes a request through the `request` hooks of many plugins, and its response
 * through their `response` hooks. Each sees the changes of those before it.
 */
import type { ExchangeContext, PlainResponse } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import {
  changeRequest,
  ownResponse,
  type ReadableRequest,
  requestData,
} from "../results/change_request.ts";
import { changeResponse, responseData } from "../results/change_response.ts";
import { PluginError } from "../api/errors.ts";
import type { FailedCall } from "./failure_log.ts";
import type { MatchSubject } from "../results/match_requests.ts";
import { superviseBody, superviseSource } from "./supervised_body.ts";
import type { SupervisedPlugin } from "./supervised_plugin.ts";

/** The part of an exchange's context that hooks need. */
export interface HookContext
  extends Pick<ExchangeContext, "id" | "signal" | "edits" | "user" | "job"> {
  /** The request as the browser sent it: it decides which plugins are called. */
  readonly original: MatchSubject;
}

/** Changes a request, or responds to it. */
export type RequestHook = (
  request: ReadableRequest,
  context: HookContext,
) => Promise<ReadableRequest | PlainResponse>;

/** Changes the response to a request. */
export type ResponseHook = (
  response: PlainResponse,
  request: ReadableRequest,
  context: HookContext,
) => Promise<PlainResponse>;

const log = logger("plugin");

/** The `request` hooks of `plugins` as one. */
export function requestThrough(
  plugins: readonly SupervisedPlugin[],
): RequestHook {
  return async function request(original, context) {
    let current = original;
    try {
      for (const plugin of plugins) {
        if (!plugin.matches(context.original)) continue;
        let next: ReadableRequest | PlainResponse;
        try {
          next = await requestStep(current, plugin, context);
        } catch (thrown) {
          if (plugin.skips({ hook: "request" }, thrown)) continue;
          throw thrown;
        }
        if (next !== current) {
          context.edits?.requestEdited(plugin.name, current, next);
        }
        if (next.kind === "response") {
          discard(current, original);
          return next;
        }
        current = next;
      }
      return current;
    } catch (thrown) {
      discard(current, original);
      throw thrown;
    }
  };
}

/** The `response` hooks of `plugins` as one. */
export function responseThrough(
  plugins: readonly SupervisedPlugin[],
): ResponseHook {
  return async function response(original, request, context) {
    let current = original;
    try {
      for (const plugin of plugins) {
        if (!plugin.matches(context.original)) continue;
        let next: PlainResponse;
        try {
          next = await responseStep(current, { plugin, request, context });
        } catch (thrown) {
          if (plugin.skips({ hook: "response" }, thrown)) continue;
          throw thrown;
        }
        if (next !== current) {
          context.edits?.responseEdited(plugin.name, current, next);
        }
        current = next;
      }
      return current;
    } catch (thrown) {
      // Nobody else has this body yet.
      current.body?.cancel(thrown);
      throw thrown;
    }
  };
}

async function requestStep(
  request: ReadableRequest,
  plugin: SupervisedPlugin,
  context: HookContext,
): Promise<ReadableRequest | PlainResponse> {
  const options = {
    hook: "request",
    signal: context.signal,
    exchange: { id: context.id, user: context.user, job: context.job },
  } as const;
  const facts = requestData(request);
  const outcome = await plugin.run(
    options,
    (running, call) => running.request(facts, call),
  );
  if (outcome === undefined) return request;
  if (outcome.kind === "respond") {
    const body = superviseSource(outcome.body, plugin, options);
    return ownResponse({ ...outcome, body }, request.method);
  }
  const body = superviseBody(outcome.body, plugin, options);
  const change = { ...outcome, body };
  return await changed(
    plugin,
    options,
    () => changeRequest(request, change, warnSkipped(plugin, request, context)),
  );
}

async function responseStep(
  response: PlainResponse,
  { plugin, request, context }: {
    readonly plugin: SupervisedPlugin;
    readonly request: ReadableRequest;
    readonly context: HookContext;
  },
): Promise<PlainResponse> {
  const options = {
    hook: "response",
    signal: context.signal,
    exchange: { id: context.id, user: context.user, job: context.job },
  } as const;
  const exchange = {
    response: responseData(response),
    request: requestData(request),
  };
  const change = await plugin.run(
    options,
    (running, call) => running.response(exchange, call),
  );
  if (change === undefined) return response;
  const body = superviseBody(change.body, plugin, options);
  return await changeResponse(response, { ...change, body }, {
    method: request.method,
    onSkipped: warnSkipped(plugin, request, context),
  });
}

/** Cancels content that a plugin has changed. Unchanged content belongs to the caller. */
function discard(request: ReadableRequest, original: ReadableRequest): void {
  if (request === original || request.kind === "upgrade") return;
  request.body?.cancel();
}

/** An impossible change is a failure of its hook. */
async function changed<T>(
  plugin: SupervisedPlugin,
  call: FailedCall,
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const { name } = plugin;
    const { hook } = call;
    const error = new PluginError(
      "badResult",
      `Cannot run hook "${hook}" of plugin "${name}": ${cause.message}`,
      { plugin: name, hook, cause },
    );
    plugin.reportFailure(call, error);
    throw error;
  }
}

function warnSkipped(
  { name }: SupervisedPlugin,
  { authority }: ReadableRequest,
  { edits, id }: HookContext,
): (reason: string) => void {
  return (reason) => {
    edits?.contentKept(name, reason);
    log.warn("text passes unchanged", {
      id,
      plugin: name,
      host: authority,
      reason,
    });
  };
}
