/**
 * One exchange as it is kept for people to look at.
 *
 * What is kept are the values that passed, so that the request can be sent
 * again. Whoever shows them hides secrets; `shown.ts` does.
 *
 * @module
 */
import type { ProxyRequest, ProxyResponse } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import type { BodyEnd } from "../../http/tapped_body.ts";
import { hideInUrl } from "../../log/http_message.ts";
import type { KeptContent } from "./captured_body.ts";
import { type PluginEdit, sizeOfEdit } from "./plugin_edits.ts";

/** The head of a request. */
export interface RecordedRequest {
  readonly kind: ProxyRequest["kind"];
  readonly method: string;
  /** `undefined` for CONNECT, as the next. */
  readonly scheme: "http" | "https" | undefined;
  readonly path: string | undefined;
  readonly authority: string;
  /** Where it asks for another one: `websocket`. */
  readonly protocol: string | undefined;
  readonly fields: Fields;
}

/** The head of an answer. */
export interface RecordedResponse {
  readonly status: number;
  readonly fields: Fields;
  /** Milliseconds after the request. */
  readonly after: number;
}

/** Bytes of a CONNECT or a changed protocol, both ways. */
export interface Flow {
  /** To the site. */
  sent: number;
  /** From the site. */
  received: number;
}

/** Objects that an exchange is made of, besides its texts and content: measured, and rounded up. */
const BASE_SIZE = 2048;
/** What a field line costs besides its characters. */
const LINE_SIZE = 64;

/** An exchange, from its beginning to its end. */
export class ExchangeRecord {
  /** As on log lines; a replay's begins with `replay`. */
  readonly id: string;
  readonly request: RecordedRequest;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The exchange whose request was sent again, if it is a replay. */
  readonly replayOf: string | undefined;
  /** URL, or `host:port` of CONNECT, without secrets. */
  readonly shownUrl: string;
  /** `undefined` when there is none, or it is not kept any more. */
  requestContent: KeptContent | undefined;
  responseContent: KeptContent | undefined;
  flow: Flow | undefined;
  readonly #edits: PluginEdit[] = [];
  readonly #begun = performance.now();
  #response: RecordedResponse | undefined;
  #end: { readonly how: BodyEnd; readonly after: number } | undefined;

  constructor(
    request: ProxyRequest,
    { id, startedAt, replayOf }: {
      readonly id: string;
      readonly startedAt: number;
      readonly replayOf?: string | undefined;
    },
  ) {
    this.id = id;
    this.startedAt = startedAt;
    this.replayOf = replayOf;
    this.request = headOf(request);
    this.shownUrl = hideInUrl(this.url);
  }

  /** With its secrets. */
  get url(): string {
    const { scheme, authority, path } = this.request;
    return scheme === undefined || path === undefined
      ? authority
      : urlText(scheme, authority, path);
  }

  /** Once there is one. */
  get response(): RecordedResponse | undefined {
    return this.#response;
  }

  /** Once it has ended: how. */
  get end(): BodyEnd | undefined {
    return this.#end?.how;
  }

  /** Milliseconds to its end, or until now. */
  get duration(): number {
    return this.#end?.after ?? this.#elapsed();
  }

  /** What plugins have changed, in order. */
  get edits(): readonly PluginEdit[] {
    return this.#edits;
  }

  /** Bytes from the site to the browser. */
  get received(): number {
    return this.flow?.received ?? this.responseContent?.total ?? 0;
  }

  /** What it costs to keep, besides content, which says so itself. */
  get size(): number {
    const response = this.#response && sizeOfFields(this.#response.fields);
    const edits = this.#edits.reduce((sum, each) => sum + sizeOfEdit(each), 0);
    return BASE_SIZE + 2 * this.url.length + edits + (response ?? 0) +
      sizeOfFields(this.request.fields);
  }

  /** A plugin has changed something. */
  edited(edit: PluginEdit): void {
    this.#edits.push(edit);
  }

  /** The head of the answer is there. */
  answered({ status, fields }: ProxyResponse): void {
    this.#response = { status, fields: fields.clone(), after: this.#elapsed() };
  }

  /** It is over. */
  ended(how: BodyEnd): void {
    this.#end ??= { how, after: this.#elapsed() };
  }

  /** Lets go of content that is kept. */
  drop(): void {
    this.requestContent?.drop();
    this.responseContent?.drop();
  }

  #elapsed(): number {
    return performance.now() - this.#begun;
  }
}

function headOf(request: ProxyRequest): RecordedRequest {
  const { kind, method, authority } = request;
  const isConnect = request.kind === "connect";
  return {
    kind,
    method,
    authority,
    scheme: isConnect ? undefined : request.scheme,
    path: isConnect ? undefined : request.path,
    protocol: request.kind === "upgrade" ? request.protocol : undefined,
    // A copy: others add credentials to the original on its way.
    fields: request.fields.clone(),
  };
}

function sizeOfFields(fields: Fields): number {
  return fields.flat.reduce(
    (sum, text) => sum + text.length,
    fields.size * LINE_SIZE,
  );
}

/** `OPTIONS *` has no path; it is written as one. */
function urlText(scheme: string, authority: string, path: string): string {
  return `${scheme}://${authority}${path === "*" ? "/*" : path}`;
}
