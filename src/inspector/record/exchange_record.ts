/**
 * One exchange, as the inspector keeps it. It holds the real values, so that the
 * request can be sent again. Pages and files hide the secrets.
 */
import type {
  EditWatch,
  ProxyRequest,
  ProxyResponse,
  Sender,
} from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import type { BodyEnd } from "../../http/tapped_body.ts";
import { hideInUrl } from "../../log/http_message.ts";
import type { DialPhase } from "../../net/dial/dial_phases.ts";
import type { CapturedBody } from "./captured_body.ts";
import { EditRecorder, type PluginEdit, sizeOfEdit } from "./plugin_edits.ts";

/** A request without its body. */
export interface RecordedRequest {
  readonly kind: ProxyRequest["kind"];
  readonly method: string;
  /** `undefined` for CONNECT. */
  readonly scheme: "http" | "https" | undefined;
  /** `undefined` for CONNECT. */
  readonly path: string | undefined;
  readonly authority: string;
  /** Protocol of an upgrade: `websocket`. */
  readonly protocol: string | undefined;
  readonly fields: Fields;
}

/** A response without its body. */
export interface RecordedResponse {
  readonly status: number;
  readonly fields: Fields;
  /** Milliseconds after the request. */
  readonly after: number;
}

/** Where the time of an exchange goes. */
export type ExchangePhase = DialPhase | "wait" | "download";

/** Bytes of a CONNECT or of an upgraded connection. */
export interface ByteCounts {
  /** To the site. */
  sent: number;
  /** From the site. */
  received: number;
}

/** Memory of an exchange besides texts and bodies, in bytes: measured, and rounded up. */
const BASE_SIZE = 2048;
/** Memory of a field line besides its characters, in bytes. */
const LINE_SIZE = 64;

/** An exchange, from its start to its end. */
export class ExchangeRecord {
  /** The id in log lines. That of a replay begins with `replay`. */
  readonly id: string;
  readonly request: RecordedRequest;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Id of the original exchange, if this is a replay. */
  readonly replayOf: string | undefined;
  /** Whose it is, where that is known. */
  readonly sender: Sender;
  /** URL, or `host:port` of CONNECT, without secrets. */
  readonly shownUrl: string;
  /** `undefined` when there is none. */
  requestBody: CapturedBody | undefined;
  responseBody: CapturedBody | undefined;
  flow: ByteCounts | undefined;
  /** Notified of what plugins do to it. */
  readonly watch: EditWatch = new EditRecorder((edit) =>
    this.#edits.push(edit)
  );
  readonly #edits: PluginEdit[] = [];
  readonly #steps: Partial<Record<DialPhase, number>> = {};
  readonly #startTime = performance.now();
  #response: RecordedResponse | undefined;
  #end: { readonly how: BodyEnd; readonly after: number } | undefined;

  constructor(
    request: ProxyRequest,
    { id, startedAt, replayOf, sender = {} }: {
      readonly id: string;
      readonly startedAt: number;
      readonly replayOf?: string | undefined;
      readonly sender?: Sender;
    },
  ) {
    this.id = id;
    this.startedAt = startedAt;
    this.replayOf = replayOf;
    this.sender = sender;
    this.request = headOf(request);
    this.shownUrl = hideInUrl(this.url);
  }

  /** The URL with its secrets. */
  get url(): string {
    const { scheme, authority, path } = this.request;
    return scheme === undefined || path === undefined
      ? authority
      : urlText(scheme, authority, path);
  }

  /** `undefined` until it comes. */
  get response(): RecordedResponse | undefined {
    return this.#response;
  }

  /** How the exchange ended; `undefined` until then. */
  get end(): BodyEnd | undefined {
    return this.#end?.how;
  }

  /** Milliseconds until its end, or until now. */
  get duration(): number {
    return this.#end?.after ?? this.#elapsed();
  }

  /**
   * Where its time went, in milliseconds: the steps to a connection, if it had
   * none to use again, the wait for the response, and the download. Without a
   * response there are only the steps.
   */
  get phases(): Readonly<Partial<Record<ExchangePhase, number>>> {
    const { dns = 0, connect = 0, tls = 0 } = this.#steps;
    const after = this.#response?.after;
    return {
      ...this.#steps,
      ...after !== undefined && {
        wait: Math.max(0, after - dns - connect - tls),
        download: this.duration - after,
      },
    };
  }

  /** Notes a step to its connection. An attempt that is made again adds to it. */
  notePhase(phase: DialPhase, milliseconds: number): void {
    this.#steps[phase] = (this.#steps[phase] ?? 0) + milliseconds;
  }

  /** What plugins did to it, in order. */
  get edits(): readonly PluginEdit[] {
    return this.#edits;
  }

  /** Bytes from the site to the browser. */
  get received(): number {
    return this.flow?.received ?? this.responseBody?.total ?? 0;
  }

  /** Memory that it uses, without its bodies. */
  get size(): number {
    const response = this.#response && sizeOfFields(this.#response.fields);
    const edits = this.#edits.reduce((sum, each) => sum + sizeOfEdit(each), 0);
    return BASE_SIZE + 2 * this.url.length + edits + (response ?? 0) +
      sizeOfFields(this.request.fields);
  }

  /** Sets status and header fields of the response. */
  setResponse({ status, fields }: ProxyResponse): void {
    this.#response = { status, fields: fields.clone(), after: this.#elapsed() };
  }

  /** Marks the end. Only the first call counts. */
  setEnd(how: BodyEnd): void {
    this.#end ??= { how, after: this.#elapsed() };
  }

  discardBodies(): void {
    this.requestBody?.discard();
    this.responseBody?.discard();
  }

  #elapsed(): number {
    return performance.now() - this.#startTime;
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
    // A copy: later steps add credentials to the original.
    fields: request.fields.clone(),
  };
}

function sizeOfFields(fields: Fields): number {
  return fields.flat.reduce(
    (sum, text) => sum + text.length,
    fields.size * LINE_SIZE,
  );
}

/** `OPTIONS *` has no path. It is shown as `/*`. */
function urlText(scheme: string, authority: string, path: string): string {
  return `${scheme}://${authority}${path === "*" ? "/*" : path}`;
}
