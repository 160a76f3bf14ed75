/*
 * What hooks have decided, checked and in one shape for each decision. These
 * types stand between a plugin, wherever it runs, and the exchange.
 */
import type { MaybePromise } from "../api/maybe_promise.ts";
import type { ConnectElsewhere, ConnectRefusal } from "../api/plugin.ts";

/** A request without its content, as data. */
export interface RequestData {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly upgrade: string | undefined;
}

/** A response without its content, as data. */
export interface ResponseData {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** The new target of a request. */
export interface Destination {
  readonly scheme: "http" | "https";
  readonly authority: string;
  /** With the query; `undefined` to keep it as it was sent. */
  readonly path: string | undefined;
}

/** Changed fields (no values: removed), or all fields, names and values in turn. */
export type HeaderPlan =
  | {
    readonly kind: "some";
    readonly changes: readonly (readonly [
      name: string,
      values: readonly string[],
    ])[];
  }
  | { readonly kind: "all"; readonly flat: readonly string[] };

/** A change of content. */
export type BodyPlan =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | TransformPlan
  | TextPlan;

/** Content that changes while it flows. */
export interface TransformPlan {
  readonly kind: "transform";
  readonly transform: (
    chunk: Uint8Array,
  ) => MaybePromise<Uint8Array | undefined>;
  readonly flush: (() => MaybePromise<Uint8Array | undefined>) | undefined;
  /** Called once, when none of the functions is called any more. */
  readonly release: () => void;
}

/** Content that changes as a whole. */
export interface TextPlan {
  readonly kind: "text";
  /** In bytes. */
  readonly limit: number;
  readonly rewrite: (text: string) => MaybePromise<string>;
  /** Called once, when none of the functions is called any more. */
  readonly release: () => void;
}

/** Content that a plugin makes. A stream that the proxy pulls. */
export interface SourcePlan {
  /** Returns the next bytes, or nothing at the end. */
  readonly pull: () => MaybePromise<Uint8Array | undefined>;
  /** Called when the rest is not wanted. */
  readonly cancel: () => MaybePromise<void>;
  /** Called once, when none of the functions is called any more. */
  readonly release: () => void;
}

/** Changes to a request. */
export interface RequestChange {
  readonly kind: "change";
  readonly method: string | undefined;
  readonly destination: Destination | undefined;
  readonly headers: HeaderPlan | undefined;
  readonly body: BodyPlan | undefined;
}

/** A response that a plugin makes. */
export interface OwnResponse {
  readonly kind: "respond";
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: SourcePlan | undefined;
}

/** Changes to a response. */
export interface ResponseChange {
  readonly status: number | undefined;
  readonly headers: HeaderPlan | undefined;
  readonly body: BodyPlan | undefined;
}

/** What a `connect` hook decides. */
export type ConnectOutcome = ConnectElsewhere | ConnectRefusal;

/** What a `request` hook decides. */
export type RequestOutcome = RequestChange | OwnResponse;
