import type { Call } from "./call.ts";
import type { TunnelFacts } from "../api/context.ts";
import type { HookName } from "../api/hook_names.ts";
import type { Match } from "../api/match.ts";
import type { MaybePromise } from "../api/maybe_promise.ts";
import type {
  ConnectOutcome,
  RequestData,
  RequestOutcome,
  ResponseData,
  ResponseOutcome,
} from "../results/outcomes.ts";
import type {
  BatchOutcome,
  MessageBatch,
} from "../results/message_outcomes.ts";
import type { PluginExchange } from "./plugin_exchange.ts";
import type { ConnectTarget, TunnelChange } from "../api/plugin.ts";

/**
 * A plugin that runs in this process or in a worker. Results of its hooks are
 * checked. All hooks throw `PluginError`; missing hooks do nothing. Disposing
 * calls the plugin's own `Symbol.asyncDispose` and ends its worker.
 */
export interface RunningPlugin extends AsyncDisposable {
  readonly name: string;
  /** The hooks that the plugin has. */
  readonly hooks: ReadonlySet<HookName>;
  /** Which requests `request` and `response` are called for; `undefined` for all. */
  readonly match: readonly Match[] | undefined;
  setup(call: Call): MaybePromise<void>;
  connect(
    target: ConnectTarget,
    call: Call,
  ): MaybePromise<ConnectOutcome | undefined>;
  resolve(
    hostname: string,
    call: Call,
  ): MaybePromise<readonly string[] | undefined>;
  request(
    request: RequestData,
    exchange: PluginExchange,
    call: Call,
  ): MaybePromise<RequestOutcome | undefined>;
  response(
    messages: MessagesData,
    exchange: PluginExchange,
    call: Call,
  ): MaybePromise<ResponseOutcome | undefined>;
  /** The first messages of a batch, one at least. A hook that fails is in the outcome. */
  messages(
    batch: MessageBatch,
    exchange: PluginExchange,
    call: Call,
  ): Promise<BatchOutcome>;
  tunnel(event: TunnelChange, call: Call): MaybePromise<void>;
  /** Notifies it of the tunnel, for the contexts of later calls. */
  know(tunnel: TunnelFacts): void;
  /** Called when a call took too long: checks whether the whole plugin hangs. */
  checkLiveness(): void;
  /** Ends the plugin at once, whatever it does. */
  kill(): void;
}

/** A response, and the request as the plugin left it. */
export interface MessagesData {
  readonly response: ResponseData;
  readonly request: RequestData;
  /** Whether the request had content, which has been sent. */
  readonly hadContent: boolean;
}
