/**
 * What hooks have decided, checked and in one shape for each decision: what
 * stands between a plugin, wherever it runs, and the exchange.
 *
 * @module
 */
import type { MaybePromise } from "../api/maybe_promise.ts";
import type { ConnectElsewhere, ConnectRefusal } from "../api/plugin.ts";

/** The head of a request. */
export interface RequestData {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly upgrade: string | undefined;
}

/** The head of an answer. */
export interface ResponseData {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** Where a request goes. */
export interface Destination {
  readonly scheme: "http" | "https";
  readonly authority: string;
  /** With the query; `undefined` to keep it to the letter. */
  readonly path: string | undefined;
}

/** Fields that change, without values to remove them; or all fields, names and values in turn. */
export type HeaderPlan =
  | {
    readonly kind: "some";
    readonly changes: readonly (readonly [
      name: string,
      values: readonly string[],
    ])[];
  }
  | { readonly kind: "all"; readonly flat: readonly string[] };

/** What becomes of content. */
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
  /** Says that nothing more will be asked for. */
  readonly release: () => void;
}

/** Content that changes as a whole. */
export interface TextPlan {
  readonly kind: "text";
  /** In bytes. */
  readonly limit: number;
  readonly rewrite: (text: string) => MaybePromise<string>;
  /** Says that nothing more will be asked for. */
  readonly release: () => void;
}

/** Content that a plugin makes. */
export interface SourcePlan {
  /** The next bytes, or nothing at the end. */
  readonly pull: () => MaybePromise<Uint8Array | undefined>;
  /** Says that the rest is not wanted. */
  readonly cancel: () => MaybePromise<void>;
  /** Says that nothing more will be asked for. */
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

/** An answer that a plugin gives by itself. */
export interface OwnResponse {
  readonly kind: "respond";
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: SourcePlan | undefined;
}

/** Changes to an answer. */
export interface ResponseChange {
  readonly status: number | undefined;
  readonly headers: HeaderPlan | undefined;
  readonly body: BodyPlan | undefined;
}

/** What a `connect` hook decides. */
export type ConnectOutcome = ConnectElsewhere | ConnectRefusal;

/** What a `request` hook decides. */
export type RequestOutcome = RequestChange | OwnResponse;
