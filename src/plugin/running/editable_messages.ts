/* Requests and responses as hooks see and change them. Only what changes is sent on. */
import type {
  EditableMessage,
  EditableRequest,
  EditableResponse,
  HeadersLike,
  MessageHeaders,
  NewBody,
  ReadLimits,
} from "../api/messages.ts";
import { codingsOf } from "../results/codings.ts";
import type {
  BodyPlan,
  ContentPort,
  Destination,
  HeaderEdits,
  RequestChange,
  RequestData,
  ResponseChange,
  ResponseData,
} from "../results/outcomes.ts";
import {
  checkedMethod,
  checkedStatus,
  checkedUrl,
} from "../results/read_result.ts";
import { EditScope } from "./edit_scope.ts";
import { EditableHeaders } from "./editable_headers.ts";
import { MessageContent } from "./message_content.ts";
import { refuseUnknownMembers } from "./strict_members.ts";

/** What a hook has done to a message. */
interface MessageEdits {
  readonly headers: HeaderEdits;
  readonly body: BodyPlan | undefined;
}

/** What is not for the hook. */
const EDITS = Symbol("edits");
const SCOPE = Symbol("scope");
const CHECK_BODY = Symbol("check body");
const STREAMING = Symbol("streaming");

abstract class MessageView implements EditableMessage {
  readonly [SCOPE]: EditScope;
  readonly #headers: EditableHeaders;
  readonly #content: MessageContent;
  readonly #encoding: string | null;

  constructor(flat: readonly string[], port: ContentPort | undefined) {
    const scope = this[SCOPE] = new EditScope();
    this.#headers = new EditableHeaders(flat, scope);
    this.#content = new MessageContent(port, scope);
    this.#encoding = port === undefined
      ? null
      : this.#headers.get("content-encoding");
  }

  get headers(): MessageHeaders {
    return this.#headers;
  }

  set headers(fields: HeadersLike) {
    this.#headers.replaceAll(fields);
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    // Unknown codings are refused where the hook stands.
    if (this.#encoding !== null && !this.#content.isReplaced) {
      codingsOf(this.#encoding);
    }
    return this.#content.stream;
  }

  set body(content: NewBody) {
    this[CHECK_BODY]();
    this.#content.replace(content);
    if (!this.#content.isReplaced) return;
    const encoding = this.#headers.get("content-encoding");
    if (encoding !== null && encoding === this.#encoding) {
      this.#headers.delete("content-encoding");
    }
    if (typeof content === "string") this.#nameUtf8();
  }

  async text({ limit }: ReadLimits = {}): Promise<string> {
    const bytes = await this.#content.read(limit);
    const type = this.#headers.get("content-type");
    const charset = this.#content.isReplaced ? "utf-8" : charsetOf(type);
    return decoded(bytes, charset ?? "utf-8");
  }

  async json<T = unknown>(limits: ReadLimits = {}): Promise<T> {
    const text = await this.text(limits);
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  }

  bytes({ limit }: ReadLimits = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#content.read(limit);
  }

  get trailers(): MessageHeaders | undefined {
    const flat = this.#content.trailers;
    if (flat === undefined) return undefined;
    const scope = new EditScope();
    scope.close("trailers cannot be changed");
    return new EditableHeaders(flat, scope);
  }

  /** The edits so far; there are no more. @throws {TypeError} When they make no sense. */
  [EDITS](): MessageEdits {
    this[SCOPE].close("the hook has ended, change messages before that");
    return { headers: this.#headers.edits, body: this.#content.plan() };
  }

  /** Whether the hook reads the content as a stream. */
  get [STREAMING](): boolean {
    return this.#content.isStreaming;
  }

  /** @throws {TypeError} When this message keeps its content. */
  abstract [CHECK_BODY](): void;

  #nameUtf8(): void {
    const type = this.#headers.get("content-type");
    const charset = charsetOf(type);
    if (type === null || charset === undefined) return;
    if (charset.toLowerCase() === "utf-8") return;
    this.#headers.set("Content-Type", type.replace(CHARSET, "$1utf-8"));
  }
}

/** A request as hooks see it. */
export class RequestView extends MessageView implements EditableRequest {
  readonly #data: RequestData;
  #method: string;
  #url: URL | undefined;

  /** @param port `undefined` without content. */
  constructor(data: RequestData, port: ContentPort | undefined) {
    super(data.headers, port);
    this.#data = data;
    this.#method = data.method;
  }

  get method(): string {
    return this.#method;
  }

  set method(method: string) {
    this[SCOPE].check();
    const checked = checkedMethod(method);
    if (checked !== this.#method) this.#refuseForUpgrade("method");
    this.#method = checked;
  }

  get url(): URL {
    return this.#url ??= new URL(this.#data.url);
  }

  set url(url: string | URL) {
    this[SCOPE].check();
    this.#url = checkedUrl(url, this.url.href);
  }

  get upgrade(): string | undefined {
    return this.#data.upgrade;
  }

  override [CHECK_BODY](): void {
    this.#refuseForUpgrade("body");
  }

  #refuseForUpgrade(what: string): void {
    if (this.#data.upgrade === undefined) return;
    throw new TypeError(
      `an upgrade request keeps its ${what}, check "upgrade" first`,
    );
  }

  /** What a hook has changed, if anything. */
  static changeOf(view: RequestView): RequestChange | undefined {
    const { headers, body } = view[EDITS]();
    const method = view.#method === view.#data.method
      ? undefined
      : view.#method;
    const destination = view.#destination();
    const isChanged = body !== undefined || headers.length > 0 ||
      method !== undefined || destination !== undefined;
    if (!isChanged) return undefined;
    return { kind: "change", method, destination, headers, body };
  }

  #destination(): Destination | undefined {
    if (this.#url === undefined) return undefined;
    const before = new URL(this.#data.url);
    const { href } = this.#url;
    if (href === before.href) return undefined;
    const { protocol, host, pathname, search } = checkedUrl(href);
    const path = pathname + search;
    return {
      scheme: protocol === "https:" ? "https" : "http",
      authority: host,
      // To the letter, as it was sent.
      path: path === before.pathname + before.search ? undefined : path,
    };
  }
}

/** A response as hooks see it. */
export class ResponseView extends MessageView implements EditableResponse {
  readonly #data: ResponseData;
  #status: number;

  /** @param port `undefined` without content. */
  constructor(data: ResponseData, port: ContentPort | undefined) {
    super(data.headers, port);
    this.#data = data;
    this.#status = data.status;
  }

  get status(): number {
    return this.#status;
  }

  set status(status: number) {
    this[SCOPE].check();
    this.#status = checkedStatus(status);
  }

  override [CHECK_BODY](): void {
    // Content of responses that have none is dropped.
  }

  /** What a hook has changed, if anything. */
  static changeOf(view: ResponseView): ResponseChange | undefined {
    const { headers, body } = view[EDITS]();
    const status = view.#status === view.#data.status
      ? undefined
      : view.#status;
    const isChanged = body !== undefined || headers.length > 0 ||
      status !== undefined;
    return isChanged ? { kind: "change", status, headers, body } : undefined;
  }
}

refuseUnknownMembers(
  MessageView,
  (view) => view instanceof RequestView ? "a request" : "a response",
);

/** Whether a hook reads the content of this message as a stream. */
export function isStreaming(view: RequestView | ResponseView): boolean {
  return view[STREAMING];
}

/** The message is not changed any more: its hook has responded or failed. */
export function closeView(view: RequestView | ResponseView): void {
  view[SCOPE].close("the hook has ended, change messages before that");
}

/** RFC 9110 §8.3.2. */
const CHARSET = /(;\s*charset\s*=\s*)"?([^\s;"]+)"?/i;

function charsetOf(type: string | null): string | undefined {
  return type === null ? undefined : CHARSET.exec(type)?.[2];
}

function decoded(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch (cause) {
    throw new TypeError(`the content is not text in ${charset}`, { cause });
  }
}
