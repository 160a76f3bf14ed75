/* Applies the outcome of a `request` hook: a changed request, or a response. */
import type {
  PlainRequest,
  PlainResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { endsAfterHeader } from "../../http1/parse/framing.ts";
import { changeBody, releaseUnused } from "./change_body.ts";
import { changeHeaders, mentions } from "./change_headers.ts";
import type {
  OwnResponse,
  RequestChange,
  RequestData,
  SourcePlan,
} from "./outcomes.ts";
import { SourceBody } from "./plugin_bodies.ts";

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
 * @param onSkipped Called with the reason when text could not be changed.
 * @throws {TypeError} When the change does not fit an upgrade request.
 */
export async function changeRequest(
  request: ReadableRequest,
  change: RequestChange,
  onSkipped: (reason: string) => void,
): Promise<ReadableRequest> {
  const { scheme, authority, path } = change.destination ?? request;
  const target = { scheme, authority, path: path ?? request.path };
  const fields = changeHeaders(request.fields, change.headers);
  const routed = authority === request.authority ||
      mentions(change.headers, "host")
    ? fields
    : withHost(fields, authority);
  if (request.kind === "upgrade") {
    refuseForUpgrade(change);
    return { ...request, ...target, fields: routed };
  }
  const content = await changeBody(
    { body: request.body, fields: routed },
    change.body,
    onSkipped,
  );
  const method = change.method ?? request.method;
  return { ...request, ...target, ...content, method };
}

/** The response that a plugin made. */
export function ownResponse(
  { status, headers, body }: OwnResponse,
  method: string,
): PlainResponse {
  const fields = new Fields([...headers]);
  const isEmpty = endsAfterHeader(method, status);
  if (body !== undefined && isEmpty) giveUp(body);
  return {
    kind: "response",
    status,
    fields,
    body: body === undefined || isEmpty ? undefined : new SourceBody(body),
  };
}

function giveUp(source: SourcePlan): void {
  new SourceBody(source).cancel();
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
  releaseUnused(body);
  throw new TypeError(
    `an upgrade request keeps its ${what}, check "upgrade" first`,
  );
}
