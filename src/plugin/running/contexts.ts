/* What hooks are given besides their subject. Most of it is made on first use. */
import type {
  ConnectionPluginContext,
  ExchangePluginContext,
  LogFields,
  OriginalRequest,
  PluginContext,
  PluginFetch,
  PluginLog,
  ResponsePluginContext,
  TunnelFacts,
} from "../api/context.ts";
import type { EditableRequest } from "../api/messages.ts";
import type { Call } from "./call.ts";
import type { Fetcher } from "./plugin_fetch.ts";
import type { PluginExchange } from "./plugin_exchange.ts";

/** What all contexts of a plugin share. */
export interface ContextParts {
  readonly name: string;
  readonly options: unknown;
  readonly log: PluginLog;
  readonly fetcher: Fetcher;
  readonly tunnel: () => TunnelFacts | undefined;
}

/** Thrown by `abort()`. It ends the hook, and says nothing. */
export class AbortSign extends Error {
  /** Always `AbortSign`. */
  override readonly name = "AbortSign";
}

/** The context of a call. */
export class CallContext implements PluginContext {
  readonly #parts: ContextParts;
  readonly #call: Call;

  constructor(parts: ContextParts, call: Call) {
    this.#parts = parts;
    this.#call = call;
  }

  get name(): string {
    return this.#parts.name;
  }

  get options(): unknown {
    return this.#parts.options;
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
export class ConnectionCallContext extends CallContext
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
export class ExchangeCallContext extends ConnectionCallContext
  implements ExchangePluginContext {
  readonly #exchange: PluginExchange;
  readonly #given: Call["exchange"];
  #original: OriginalRequest | undefined;
  #isAborted = false;

  constructor(parts: ContextParts, exchange: PluginExchange, call: Call) {
    super(parts, call);
    this.#exchange = exchange;
    this.#given = call.exchange;
    // Hooks may take it out of the context: `{ abort }`.
    this.abort = this.abort.bind(this);
  }

  get original(): OriginalRequest {
    const { method = "", url = "" } = this.#given?.original ?? {};
    return this.#original ??= { method, url: new URL(url) };
  }

  get state(): Record<string, unknown> {
    return this.#exchange.state ??= {};
  }

  abort(): never {
    this.#isAborted = true;
    throw new AbortSign("The request was aborted");
  }

  /** Whether the hook has called `abort()`, even if it went on. */
  static isAborted(context: ExchangeCallContext): boolean {
    return context.#isAborted;
  }
}

/** The context of a call for one response. */
export class ResponseCallContext extends ExchangeCallContext
  implements ResponsePluginContext {
  readonly request: EditableRequest;

  constructor(
    parts: ContextParts,
    { exchange, request }: {
      readonly exchange: PluginExchange;
      readonly request: EditableRequest;
    },
    call: Call,
  ) {
    super(parts, exchange, call);
    this.request = request;
  }
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
