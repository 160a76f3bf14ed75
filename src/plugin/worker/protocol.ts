/*
 * What the program and the worker of a plugin offer each other, and how errors
 * get from one to the other.
 */
import { visible } from "../../log/visible.ts";
import type { TunnelFacts } from "../api/context.ts";
import { PluginError, type PluginErrorCode } from "../api/errors.ts";
import type { CallName, HookName } from "../api/hook_names.ts";
import type { Match } from "../api/match.ts";
import type { ConnectTarget, TunnelChange } from "../api/plugin.ts";
import type {
  ConnectOutcome,
  RequestData,
  RequestOutcome,
  ResponseChange,
} from "../results/outcomes.ts";
import type {
  BatchOutcome,
  MessageBatch,
} from "../results/message_outcomes.ts";
import type { FetchData, FetchOutcome } from "../running/fetch_data.ts";
import type { CallSubject } from "../running/call.ts";
import type { ExchangeData } from "../running/running_plugin.ts";

/** The exchange that a call is for. */
type Subject = CallSubject | undefined;

/** What the program calls in the worker. */
export interface WorkerFunctions {
  /** Loads the plugin; comes first, and once. */
  load(tunnel: TunnelFacts | undefined): LoadedPlugin;
  /** The tunnel is there, or another one is. */
  know(tunnel: TunnelFacts): void;
  /** Returns at once: a worker that does not has hung. */
  ping(): void;
  setup(): void;
  connect(target: ConnectTarget, subject: Subject): ConnectOutcome | undefined;
  resolve(hostname: string, subject: Subject): readonly string[] | undefined;
  request(request: RequestData, subject: Subject): RequestOutcome | undefined;
  response(
    exchange: ExchangeData,
    subject: Subject,
  ): ResponseChange | undefined;
  messages(batch: MessageBatch, subject: Subject): BatchOutcome<ErrorData>;
  tunnel(event: TunnelChange): void;
  dispose(): void;
}

/** What the worker calls in the program. */
export interface ProgramFunctions {
  /** The configured options of the plugin that has this name. */
  options(name: string): unknown;
  /** Sends what the plugin fetches. */
  fetch(request: FetchData, exchangeId: string | undefined): FetchOutcome;
  log(line: LogLine): void;
}

/** A plugin as its worker describes it. */
export interface LoadedPlugin {
  readonly name: string;
  readonly hooks: readonly HookName[];
  readonly match: readonly Match[] | undefined;
}

/** A line for the log. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A `PluginError` as data. Its cause stays where it is. */
export interface ErrorData {
  readonly code: PluginErrorCode;
  readonly message: string;
  readonly plugin: string;
  readonly hook: CallName | undefined;
  readonly location: string | undefined;
}

/** An error as data. */
export function toErrorData(thrown: unknown, plugin: string): ErrorData {
  if (thrown instanceof PluginError) {
    const { code, message, hook, location } = thrown;
    return { code, message, plugin: thrown.plugin, hook, location };
  }
  const message = `Cannot run plugin "${plugin}": ${visible(String(thrown))}`;
  const unknown = { hook: undefined, location: undefined };
  return { code: "threw", message, plugin, ...unknown };
}

/** The error that it was. */
export function fromErrorData(
  { code, message, ...options }: ErrorData,
): PluginError {
  return new PluginError(code, message, options);
}
