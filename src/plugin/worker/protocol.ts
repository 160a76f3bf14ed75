/* What the program and the worker of a plugin offer each other. */
import type { TunnelFacts } from "../api/context.ts";
import type { PluginErrorCode } from "../api/errors.ts";
import type { HookName } from "../api/hook_names.ts";
import type { ErrorData } from "./error_data.ts";
import type { Match } from "../api/match.ts";
import type { ConnectTarget, TunnelChange } from "../api/plugin.ts";
import type {
  Abort,
  ConnectOutcome,
  OwnResponse,
  ReadContent,
  RequestChange,
  RequestData,
  ResponseChange,
} from "../results/outcomes.ts";
import type {
  BatchOutcome,
  MessageBatch,
} from "../results/message_outcomes.ts";
import type {
  FailedFetch,
  FetchData,
  FetchedResponse,
} from "../running/fetch_data.ts";
import type { CallSubject } from "../running/call.ts";
import type { MessagesData } from "../running/running_plugin.ts";
import type { ChannelFunctions } from "./byte_channels.ts";

/** The exchange that a call is for. */
type Subject = CallSubject | undefined;

/** The exchange that a hook is called for. */
export interface ExchangeSubject extends CallSubject {
  /** Its number, under which the worker keeps the state of the plugin. */
  readonly key: number;
  /** The channel of the content, whose number `read` takes too; 0 without content. */
  readonly content: number;
}

/** What the program calls in the worker. */
export interface WorkerFunctions extends ChannelFunctions {
  /** Loads the plugin; comes first, and once. */
  load(tunnel: TunnelFacts | undefined): LoadedPlugin;
  /** The tunnel is there, or another one is. */
  know(tunnel: TunnelFacts): void;
  /** Returns at once: a worker that does not has hung. */
  ping(): void;
  setup(): void;
  connect(target: ConnectTarget, subject: Subject): ConnectOutcome | undefined;
  resolve(hostname: string, subject: Subject): readonly string[] | undefined;
  request(
    request: RequestData,
    subject: ExchangeSubject,
  ): HookReply;
  response(
    messages: MessagesData,
    subject: ExchangeSubject,
  ): HookReply;
  messages(batch: MessageBatch, subject: ExchangeSubject): MessagesReply;
  /** The exchange has ended: its state is not needed any more. */
  forget(key: number): void;
  tunnel(event: TunnelChange): void;
  dispose(): void;
}

/** What the worker calls in the program. */
export interface ProgramFunctions extends ChannelFunctions {
  /** The configured options of the plugin that has this name. */
  options(name: string): unknown;
  /** Sends what the plugin fetches. */
  fetch(request: FetchData, exchangeId: string | undefined): WiredFetch;
  log(line: LogLine): void;
  /** All content of a message whose hook runs. */
  read(content: number, limit: number): ReadReply;
}

/** What became of a request of the plugin, with a channel for its content. */
export type WiredFetch =
  | FailedFetch
  | Omit<FetchedResponse, "body"> & {
    /** `undefined` without content. */
    readonly channel: number | undefined;
  };

/** Content that was read, or why it was not. */
export type ReadReply = ReadContent | ReadProblem;

/** Why content was not read, for the plugin. */
export interface ReadProblem {
  readonly code: PluginErrorCode;
  readonly problem: string;
}

/** What a hook that changes messages has decided. */
export interface HookReply {
  readonly outcome: WiredOutcome | undefined;
  /** Whether the worker keeps the state of the plugin for this exchange. */
  readonly hasState: boolean;
}

/** What the hook `message` has decided. */
export interface MessagesReply extends BatchOutcome<ErrorData> {
  /** Whether the worker keeps the state of the plugin for this exchange. */
  readonly hasState: boolean;
}

/** An outcome whose stream is a channel. */
export type WiredOutcome =
  | Abort
  | Wired<RequestChange>
  | Wired<ResponseChange>
  | Wired<OwnResponse>;

type Wired<Outcome> = Omit<Outcome, "body"> & {
  readonly body: WiredBody | undefined;
};

/** New content as it crosses. */
export type WiredBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | {
    readonly kind: "stream";
    readonly channel: number;
    readonly isDerived: boolean;
  };

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
