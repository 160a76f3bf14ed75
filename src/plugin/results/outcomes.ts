/*
 * What hooks get and what they have decided, as data and in one shape for each
 * decision. These types stand between a plugin, wherever it runs, and the
 * exchange.
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

/** A stream of bytes that its reader pulls. */
export interface ByteSource {
  /** Returns the next bytes, never none of them, or nothing at the end. */
  pull(): MaybePromise<Uint8Array | undefined>;
  /** The rest is not wanted. */
  cancel(): MaybePromise<void>;
}

/** The content of a message while a hook may read it. */
export interface ContentPort {
  /**
   * Reads all of it, decompressed. It still passes on.
   *
   * @param limit In bytes, before and after decompression.
   * @throws {TypeError} When it is longer, or cannot be decompressed.
   * @throws {PluginError} `noRoom`.
   */
  read(limit: number): Promise<ReadContent>;
  /** The stream of it, decompressed. It does not pass on. */
  open(): OpenedContent;
  /** Called when it is not read any more. Set where the hook runs elsewhere. */
  onClose: (() => void) | undefined;
}

/** Content that has been read to its end. */
export interface ReadContent {
  readonly bytes: Uint8Array;
  /** Names and values in turn. */
  readonly trailers: readonly string[] | undefined;
}

/** Content that is read as a stream. */
export interface OpenedContent extends ByteSource {
  /** Names and values in turn; known at the end. */
  readonly trailers: readonly string[] | undefined;
  /** Whether the hook has got all that was pulled, and waits for more. */
  isStarving: boolean;
}

/** The new target of a request. */
export interface Destination {
  readonly scheme: "http" | "https";
  readonly authority: string;
  /** With the query; `undefined` to keep it as it was sent. */
  readonly path: string | undefined;
}

/** Changes to fields, in order: kind (`set`, `append`, `delete`, `clear`), name and value in turn. */
export type HeaderEdits = readonly string[];

/** New content. */
export type BodyPlan =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | {
    readonly kind: "stream";
    readonly source: ByteSource;
    /** Whether the source reads the old content. */
    readonly isDerived: boolean;
  };

/** Changes to a request. */
export interface RequestChange {
  readonly kind: "change";
  readonly method: string | undefined;
  readonly destination: Destination | undefined;
  readonly headers: HeaderEdits;
  readonly body: BodyPlan | undefined;
}

/** A response that a plugin makes. */
export interface OwnResponse {
  readonly kind: "respond";
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: BodyPlan | undefined;
}

/** The exchange ends without a response. */
export interface Abort {
  readonly kind: "abort";
}

/** Changes to a response. */
export interface ResponseChange {
  readonly kind: "change";
  readonly status: number | undefined;
  readonly headers: HeaderEdits;
  readonly body: BodyPlan | undefined;
}

/** What a `connect` hook decides. */
export type ConnectOutcome = ConnectElsewhere | ConnectRefusal;

/** What a `request` hook decides. */
export type RequestOutcome = RequestChange | OwnResponse | Abort;

/** What a `response` hook decides. */
export type ResponseOutcome = ResponseChange | OwnResponse | Abort;
