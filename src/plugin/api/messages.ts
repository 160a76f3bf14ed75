/* Messages as hooks see and change them. */

/** What a hook may return: a result, now or later, or nothing. */
export type Answer<T> = T | undefined | void | Promise<T | undefined | void>;

/**
 * The fields of a message: the web's `Headers`, and what HTTP has besides.
 * Look-ups ignore case. Fields that a hook leaves alone keep their order, their
 * case and their repeats on the wire.
 *
 * `Content-Length`, `Transfer-Encoding`, `Connection` and other fields of one
 * connection cannot be changed: the proxy sets them.
 */
export interface MessageHeaders
  extends Iterable<[name: string, value: string]> {
  /** The values of all lines called `name`, joined by `, `; `null` without any. */
  get(name: string): string | null;
  /** The values of all lines called `name`, in order. */
  getAll(name: string): string[];
  /** The values of all `Set-Cookie` lines. */
  getSetCookie(): string[];
  /** Whether there is a line called `name`. */
  has(name: string): boolean;
  /** Replaces the first line called `name` where it stands and removes the others, or adds one at the end. */
  set(name: string, value: string): void;
  /** Adds a line at the end. */
  append(name: string, value: string): void;
  /** Removes all lines called `name`. */
  delete(name: string): void;
  /** Calls `callback` with each name and its joined values, as `entries()` has them. */
  forEach(
    callback: (value: string, name: string, headers: MessageHeaders) => void,
    thisArg?: unknown,
  ): void;
  /** Names in lower case, sorted, with their joined values. Each `Set-Cookie` line stands alone. */
  entries(): IterableIterator<[name: string, value: string]>;
  /** The names of `entries()`. */
  keys(): IterableIterator<string>;
  /** The values of `entries()`. */
  values(): IterableIterator<string>;
  /** Each line as it is on the wire, in order. */
  lines(): [name: string, value: string][];
}

/** Fields to replace all others with. Those of one connection are left out. */
export type HeadersLike =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string>>;

/** How much of a body a hook reads. */
export interface ReadLimits {
  /** In bytes, both before and after decompression. 1 MiB by default, 64 MiB at most. */
  readonly limit?: number;
}

/** New content: text in UTF-8, bytes, a stream of bytes, or `null` for none. */
export type NewBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | null;

/** What requests and responses have in common. */
export type EditableMessage = {
  /** Its fields. Assign `new Headers(…)`, a record or pairs to replace all of them. */
  get headers(): MessageHeaders;
  set headers(fields: HeadersLike);

  /**
   * The content as a stream, decompressed, or `null` without any. Assign other
   * content to replace it, mostly the stream itself with a change in between:
   *
   * ```ts
   * import type { EditableResponse } from "./messages.ts";
   *
   * function upperCase(response: EditableResponse): void {
   *   if (response.body === null) return;
   *   response.body = response.body
   *     .pipeThrough(new TextDecoderStream())
   *     .pipeThrough(
   *       new TransformStream<string, string>({
   *         transform: (text, out) => out.enqueue(text.toUpperCase()),
   *       }),
   *     )
   *     .pipeThrough(new TextEncoderStream());
   * }
   * ```
   *
   * Content that no hook touches passes as it was sent, compressed or not, and
   * is not read ahead. New content has no `Content-Encoding`, unless the hook
   * sets one afterwards. Text is sent as UTF-8.
   *
   * A body that breaks, by an error or because it makes no progress for 30 s,
   * is reset: the receiver never takes the rest for the end.
   */
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null;
  set body(content: NewBody);

  /**
   * Reads all content as text: decompressed (gzip, deflate, br, zstd), decoded
   * with the charset of its `Content-Type` (UTF-8 by default). It still passes
   * on unchanged.
   *
   * @throws {TypeError} When it is longer than the limit, or cannot be decoded.
   */
  text(limits?: ReadLimits): Promise<string>;
  /** Reads all content as JSON, like `text()`. */
  json<T = unknown>(limits?: ReadLimits): Promise<T>;
  /** Reads all content as bytes, decompressed, like `text()`. */
  bytes(limits?: ReadLimits): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * The fields after the content, once it has been read to its end. Most
   * messages have none. They also follow content that replaces what was read.
   */
  readonly trailers: MessageHeaders | undefined;
};

/** A request. What a hook assigns goes to the next plugin, and to the site. */
export type EditableRequest = EditableMessage & {
  /** As it was sent: in upper case for all standard methods. Not changed for upgrade requests. */
  method: string;
  /**
   * The absolute URL. Change a part of it, or assign another one: a `URL`, or
   * a text that is resolved against it. `Host` follows, except when the hook
   * sets it.
   */
  get url(): URL;
  set url(url: string | URL);
  /** The protocol of the `Upgrade` field, mostly `websocket`. `undefined` for ordinary requests. */
  readonly upgrade: string | undefined;
};

/** A response. What a hook assigns goes to the next plugin, and to the browser. */
export type EditableResponse = EditableMessage & {
  /** 200 to 999 as it was sent; 200 to 599 can be assigned. */
  status: number;
};
