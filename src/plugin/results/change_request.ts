/* Applies the outcome of a `request` hook: a changed request, or a response. */
import type {
  PlainRequest,
  PlainResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { endsAfterHeader } from "../../http1/parse/framing.ts";
import { changeContent, giveUp } from "./change_content.ts";
import type { HookedContent } from "./hooked_content.ts";
import { applyHeaderEdits, mentions } from "./header_edits.ts";
import type {
  BodyPlan,
  OwnResponse,
  RequestChange,
  RequestData,
} from "./outcomes.ts";

const NOTHING: BodyPlan = { kind: "bytes", bytes: new Uint8Array() };

/** A request that can be read, and so be changed. */
export type ReadableRequest = PlainRequest | UpgradeRequest;

/** A request as data for hooks. */
export function requestData(request: ReadableRequest): RequestData {
  const { method, scheme, authority, path, fields } = request;
  return {
    method,
    url: `${scheme}://${authority}${path === "*" ? "/*" : path}`,
    headers: fields.flat,
    upgrade: request.kind === "upgrade" ? request.protocol : undefined,
  };
}

/**
 * The request after the change. Afterwards, the content of `request` must not be
 * used.
 *
 * @param reader Of the content of `request`.
 * @throws {TypeError} When the change is not allowed.
 */
export function changeRequest(
  request: ReadableRequest,
  change: RequestChange,
  reader: HookedContent,
): ReadableRequest {
  const { scheme, authority, path } = change.destination ?? request;
  const target = { scheme, authority, path: path ?? request.path };
  const changed = applyHeaderEdits(request.fields, change.headers);
  const fields = authority === request.authority ||
      mentions(change.headers, "host")
    ? changed
    : withHost(changed, authority);
  if (request.kind === "upgrade") {
    refuseForUpgrade(change);
    return { ...request, ...target, fields };
  }
  const content = changeContent(fields, change.body, reader);
  const method = change.method ?? request.method;
  return { ...request, ...target, ...content, method };
}

/**
 * The response that a plugin made.
 *
 * @param method Of the request: responses to HEAD have no content.
 * @param reader Of content that the plugin's own may read.
 */
export function ownResponse(
  { status, headers, body }: OwnResponse,
  method: string,
  reader: HookedContent,
): PlainResponse {
  const response = { kind: "response", status } as const;
  const fields = new Fields([...headers]);
  reader.dropTrailers();
  if (!endsAfterHeader(method, status)) {
    return { ...response, ...changeContent(fields, body ?? NOTHING, reader) };
  }
  giveUp(body);
  reader.discard();
  return { ...response, fields, body: undefined };
}

/** Requests from the tunnel have no `Host`: it is added when they are sent. */
function withHost(fields: Fields, authority: string): Fields {
  if (!fields.has("host")) return fields;
  const changed = fields.clone();
  changed.set("Host", authority);
  return changed;
}

function refuseForUpgrade({ method, body }: RequestChange): void {
  const what = method !== undefined ? "method" : body && "body";
  if (what === undefined) return;
  giveUp(body);
  throw new TypeError(
    `an upgrade request keeps its ${what}, check "upgrade" first`,
  );
}
