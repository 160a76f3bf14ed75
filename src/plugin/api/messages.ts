/**
 * Messages as the hooks of a plugin see them, and the changes that they return.
 *
 * @module
 */
/** What a hook may return: at once or later, or nothing. */
export type Answer<T> = T | undefined | void | Promise<T | undefined | void>;

/** The fields of a message: their order, case and repeats are kept, look-ups ignore case. */
export interface ReadonlyHeaders
  extends Iterable<readonly [name: string, value: string]> {
  /** How many lines there are. */
  readonly size: number;
  /** The value of the first line called `name`, or `undefined`. */
  get(name: string): string | undefined;
  /** The values of all lines called `name`, in order. */
  getAll(name: string): readonly string[];
  /** Whether there is a line called `name`. */
  has(name: string): boolean;
}

/** A request as it would be sent if nobody changed it. */
export interface ReadonlyRequest {
  /** In upper case unless the browser sent something of its own. */
  readonly method: string;
  /** Where it goes: always absolute. A copy: to change it, return an edit. */
  readonly url: Readonly<URL>;
  /** As the browser sent them, without those of its connection; `Host` may be missing: see `url`. */
  readonly headers: ReadonlyHeaders;
  /** The protocol it wants to change to, `websocket` for most; `undefined` for ordinary requests. */
  readonly upgrade: string | undefined;
}

/** An answer as it would be passed on if nobody changed it. */
export interface ReadonlyResponse {
  /** 200 to 999. */
  readonly status: number;
  /** As they were sent, without those of the connection. */
  readonly headers: ReadonlyHeaders;
}

/** Changes to a request; what is left out stays as it is. */
export interface RequestEdit {
  /** A token (RFC 9110 §9.1); not for requests that change the protocol. */
  readonly method?: string;
  /**
   * Where it goes instead: an `http:` or `https:` URL, or a path on the same
   * host. `Host` follows, unless `headers` says something else.
   */
  readonly url?: string | URL;
  /** Only the host, as `name` or `name:port`; path and scheme stay. Wins over the host of `url`. */
  readonly host?: string;
  /** Which fields to send instead. */
  readonly headers?: HeaderEdit;
  /** Not for requests that change the protocol. */
  readonly body?: BodyEdit;
}

/** Changes to an answer; what is left out stays as it is. */
export interface ResponseEdit {
  /** 200 to 599. */
  readonly status?: number;
  /** Which fields to pass on instead. */
  readonly headers?: HeaderEdit;
  /** Ignored where an answer has no content: to HEAD, with 204 and 304. */
  readonly body?: BodyEdit;
}

/**
 * Changes to fields. A record changes those it names, where they stand: a text
 * sets the field, a list makes a line of each text, `null` removes it. A list
 * of pairs replaces all fields.
 *
 * `Content-Length`, `Transfer-Encoding`, `Connection` and what else belongs to
 * one connection is the proxy's business and cannot be changed.
 */
export type HeaderEdit =
  | Readonly<Record<string, string | readonly string[] | null>>
  | readonly (readonly [name: string, value: string])[];

/** Other content, or a way to make it out of what passes. */
export type BodyEdit = string | Uint8Array | BodyTransform | TextRewrite;

/**
 * Changes content while it flows. Chunks are bytes as they were sent: cut
 * anywhere, and compressed if `Content-Encoding` says so. Ask for plain ones
 * with `{ headers: { "Accept-Encoding": "identity" } }` in `request`.
 */
export interface BodyTransform {
  /** What to send instead of `chunk`, which is only valid during the call; nothing to send nothing. */
  readonly transform: (chunk: Uint8Array) => Answer<Uint8Array>;
  /** What to send at the end. */
  readonly flush?: () => Answer<Uint8Array>;
}

/**
 * Changes content as text. It is read to its end first, decompressed (gzip,
 * deflate, br, zstd) and decoded as its `Content-Type` says (UTF-8 if it does
 * not); it is sent as plain UTF-8. What is longer than `limit`, or cannot be
 * decoded, passes unchanged, with a warning in the log.
 */
export interface TextRewrite {
  /** Gives the text to send instead. */
  readonly text: (text: string) => string | Promise<string>;
  /** In bytes, both before and after decompression: 1 MiB if not given, 64 MiB at most. */
  readonly limit?: number;
}
