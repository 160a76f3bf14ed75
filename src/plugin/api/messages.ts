/* Messages as hooks see them, and the changes that hooks return. */
/** What a hook may return: a result, now or later, or nothing. */
export type Answer<T> = T | undefined | void | Promise<T | undefined | void>;

/** The fields of a message. Order, case and repeats are kept. Look-ups ignore case. */
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

/** A request before the changes of this hook. */
export interface ReadonlyRequest {
  /** As it was sent: in upper case for all standard methods. */
  readonly method: string;
  /** The absolute URL. It is a copy: return an edit to change it. */
  readonly url: Readonly<URL>;
  /** As the browser sent them, without those of its connection. `Host` may be missing: see `url`. */
  readonly headers: ReadonlyHeaders;
  /** The protocol of the `Upgrade` field, mostly `websocket`. `undefined` for ordinary requests. */
  readonly upgrade: string | undefined;
}

/** A response before the changes of this hook. */
export interface ReadonlyResponse {
  /** 200 to 999. */
  readonly status: number;
  /** As the site sent them, without those of its connection. */
  readonly headers: ReadonlyHeaders;
}

/** Changes to a request. Parts that are left out stay as they are. */
export interface RequestEdit {
  /** A token (RFC 9110 §9.1). Not for upgrade requests. */
  readonly method?: string;
  /**
   * The new target: an `http:` or `https:` URL, or a path on the same host.
   * `Host` follows, except when `headers` sets it.
   */
  readonly url?: string | URL;
  /** The new host, as `name` or `name:port`. Path and scheme stay. It overrides the host of `url`. */
  readonly host?: string;
  /** Changes to the fields. */
  readonly headers?: HeaderEdit;
  /** Not for upgrade requests. */
  readonly body?: BodyEdit;
}

/** Changes to a response. Parts that are left out stay as they are. */
export interface ResponseEdit {
  /** 200 to 599. */
  readonly status?: number;
  /** Changes to the fields. */
  readonly headers?: HeaderEdit;
  /** Ignored for responses without content: to HEAD, and with status 204 and 304. */
  readonly body?: BodyEdit;
}

/**
 * Changes to fields. A record changes the fields that it names, in place: a
 * string sets the field, a list makes one line of each string, `null` removes
 * the field. A list of pairs replaces all fields.
 *
 * `Content-Length`, `Transfer-Encoding`, `Connection` and other fields of one
 * connection cannot be changed: the proxy sets them.
 */
export type HeaderEdit =
  | Readonly<Record<string, string | readonly string[] | null>>
  | readonly (readonly [name: string, value: string])[];

/** New content, or a function that makes it from the old. */
export type BodyEdit = string | Uint8Array | BodyTransform | TextRewrite;

/**
 * Changes content while it flows. Chunks are the bytes as they were sent: cut
 * anywhere, and compressed if `Content-Encoding` says so. To get plain bytes,
 * return `{ headers: { "Accept-Encoding": "identity" } }` from `request`.
 */
export interface BodyTransform {
  /** Returns the bytes to send, or nothing. `chunk` is only valid during the call. */
  readonly transform: (chunk: Uint8Array) => Answer<Uint8Array>;
  /** Returns the bytes to send at the end, or nothing. */
  readonly flush?: () => Answer<Uint8Array>;
}

/**
 * Changes content as text. First, all of it is read, decompressed (gzip,
 * deflate, br, zstd), and decoded with the charset of its `Content-Type` (UTF-8
 * by default). The result is sent as plain UTF-8. Content that is longer than
 * `limit`, or cannot be decoded, passes unchanged, with a warning in the log.
 */
export interface TextRewrite {
  /** Returns the text to send. */
  readonly text: (text: string) => string | Promise<string>;
  /** In bytes, both before and after decompression. 1 MiB by default, 64 MiB at most. */
  readonly limit?: number;
}
