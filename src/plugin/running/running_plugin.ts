/**
 * A plugin that runs, wherever that is: in this process or in a worker.
 *
 * @module
 */
import type { Address } from "../../net/address/address.ts";
import type { Call } from "./call.ts";
import type { HookName } from "../api/hook_names.ts";
import type { MaybePromise } from "../api/maybe_promise.ts";
import type {
  ConnectOutcome,
  RequestData,
  RequestOutcome,
  ResponseChange,
  ResponseData,
} from "../results/outcomes.ts";
import type { TunnelChange } from "../api/plugin.ts";

/**
 * The hooks of one plugin, their results checked. All throw `PluginError`;
 * those that the plugin does not have do nothing. Disposing calls the plugin's
 * own `Symbol.asyncDispose` and gives up what it ran in.
 */
export interface RunningPlugin extends AsyncDisposable {
  readonly name: string;
  /** The hooks that the plugin has. */
  readonly hooks: ReadonlySet<HookName>;
  setup(call: Call): MaybePromise<void>;
  connect(
    target: Address,
    call: Call,
  ): MaybePromise<ConnectOutcome | undefined>;
  resolve(
    hostname: string,
    call: Call,
  ): MaybePromise<readonly string[] | undefined>;
  request(
    request: RequestData,
    call: Call,
  ): MaybePromise<RequestOutcome | undefined>;
  response(
    exchange: ExchangeData,
    call: Call,
  ): MaybePromise<ResponseChange | undefined>;
  tunnel(event: TunnelChange, call: Call): MaybePromise<void>;
  /** Told that a call took too long: the plugin may hang as a whole. */
  checkLiveness(): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/** An answer and the request it is for. */
export interface ExchangeData {
  readonly response: ResponseData;
  readonly request: RequestData;
}
