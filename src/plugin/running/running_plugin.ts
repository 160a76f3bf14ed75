/**
 * A plugin that runs, wherever that is: in this process or in a worker.
 *
 * @module
 */
import type { Address } from "../../net/address/address.ts";
import type { Call } from "./call.ts";
import type { HookName } from "../api/hook_names.ts";
import type { Maybe } from "../api/maybe_promise.ts";
import type {
  ConnectOutcome,
  RequestFacts,
  RequestOutcome,
  ResponseChange,
  ResponseFacts,
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
  setup(call: Call): Maybe<void>;
  connect(target: Address, call: Call): Maybe<ConnectOutcome | undefined>;
  resolve(
    hostname: string,
    call: Call,
  ): Maybe<readonly string[] | undefined>;
  request(
    request: RequestFacts,
    call: Call,
  ): Maybe<RequestOutcome | undefined>;
  response(
    exchange: ExchangeFacts,
    call: Call,
  ): Maybe<ResponseChange | undefined>;
  tunnel(event: TunnelChange, call: Call): Maybe<void>;
  /** Told that a call took too long: the plugin may hang as a whole. */
  suspect(): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/** An answer and the request it is for. */
export interface ExchangeFacts {
  readonly response: ResponseFacts;
  readonly request: RequestFacts;
}
