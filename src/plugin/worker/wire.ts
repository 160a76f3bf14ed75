/**
 * What goes between the program and the worker that a plugin runs in. All of
 * it is plain data; functions that a hook returned stay where they are, and
 * are called by the number of the content that they are for.
 *
 * @module
 */
import { visible } from "../../log/visible.ts";
import type { Address } from "../../net/address/address.ts";
import { PluginError, type PluginErrorCode } from "../api/errors.ts";
import type { CallName, HookName } from "../api/hook_names.ts";
import type {
  ConnectOutcome,
  OwnAnswer,
  RequestChange,
  RequestFacts,
  ResponseChange,
} from "../results/outcomes.ts";
import type { TunnelChange } from "../api/plugin.ts";
import type { ExchangeFacts } from "../host/running_plugin.ts";

/** To the worker. */
export type ToWorker = WireQuestion | WireNotice;

/** What is answered by `done` or `failed` with the same `id`. */
export type WireQuestion =
  | {
    readonly kind: "call";
    readonly id: number;
    readonly call: WireCall;
    /** Which exchange it is for. */
    readonly exchangeId?: string | undefined;
  }
  | { readonly kind: "step"; readonly id: number; readonly step: WireStep }
  | { readonly kind: "ping"; readonly id: number };

/** What is not answered. */
export type WireNotice =
  | { readonly kind: "options"; readonly options: unknown }
  /** Nobody waits for this question any more. */
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "release"; readonly body: number };

/** A hook and what it is about. */
export type WireCall =
  | { readonly hook: "setup" | "dispose" }
  | { readonly hook: "connect"; readonly target: Address }
  | { readonly hook: "resolve"; readonly hostname: string }
  | { readonly hook: "request"; readonly request: RequestFacts }
  | { readonly hook: "response"; readonly exchange: ExchangeFacts }
  | { readonly hook: "tunnel"; readonly event: TunnelChange };

/** The next thing to do with content that a plugin changes or makes. */
export type WireStep =
  & { readonly body: number }
  & (
    | { readonly step: "flush" | "pull" | "cancel" }
    | { readonly step: "transform"; readonly chunk: Uint8Array<ArrayBuffer> }
    | { readonly step: "rewrite"; readonly text: string }
  );

/** From the worker. */
export type FromWorker =
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "loaded"; readonly hooks: readonly HookName[] }
  | { readonly kind: "notLoaded"; readonly error: WireError }
  | { readonly kind: "done"; readonly id: number; readonly result: WireResult }
  | { readonly kind: "failed"; readonly id: number; readonly error: WireError }
  | WireLog;

/** A line for the log. */
export interface WireLog {
  readonly kind: "log";
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What came of a call or a step. */
export type WireResult =
  | { readonly of: "nothing" }
  | { readonly of: "connect"; readonly outcome: ConnectOutcome }
  | { readonly of: "resolve"; readonly addresses: readonly string[] }
  | { readonly of: "request"; readonly outcome: WireRequest }
  | { readonly of: "response"; readonly change: WireResponse }
  | { readonly of: "chunk"; readonly chunk: Uint8Array<ArrayBuffer> }
  | { readonly of: "text"; readonly text: string };

/** What a `request` hook decided. */
export type WireRequest =
  | Omit<RequestChange, "body"> & { readonly body: WireBody | undefined }
  | Omit<OwnAnswer, "body"> & { readonly body: number | undefined };

/** What a `response` hook decided. */
export type WireResponse = Omit<ResponseChange, "body"> & {
  readonly body: WireBody | undefined;
};

/** What becomes of content; `body` is the number that steps name. */
export type WireBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | {
    readonly kind: "transform";
    readonly body: number;
    readonly hasFlush: boolean;
  }
  | { readonly kind: "text"; readonly body: number; readonly limit: number };

/** A `PluginError`; its cause stays in the worker. */
export interface WireError {
  readonly code: PluginErrorCode;
  readonly message: string;
  readonly plugin: string;
  readonly hook: CallName | undefined;
}

/** An error as data. */
export function toWireError(thrown: unknown, plugin: string): WireError {
  if (thrown instanceof PluginError) {
    const { code, message, hook } = thrown;
    return { code, message, plugin: thrown.plugin, hook };
  }
  const message = `Cannot run plugin "${plugin}": ${visible(String(thrown))}`;
  return { code: "threw", message, plugin, hook: undefined };
}

/** The error that it was. */
export function fromWireError(
  { code, message, plugin, hook }: WireError,
): PluginError {
  return new PluginError(code, message, { plugin, hook });
}
