/**
 * From what a `request` hook decided to the request that is sent, or the
 * answer that is given instead.
 *
 * @module
 */
import type {
  PlainRequest,
  PlainResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { hasNoContent } from "../../http1/parse/framing.ts";
import { changeBody, releaseUnused } from "./change_body.ts";
import { changeHeaders, mentions } from "./change_headers.ts";
import type {
  OwnAnswer,
  RequestChange,
  RequestFacts,
  SourcePlan,
} from "./outcomes.ts";
import { SourceBody } from "./source_body.ts";

/** A request that can be read, and so be changed. */
export type ReadableRequest = PlainRequest | UpgradeRequest;

/** A request as hooks are told. */
export function requestFacts(request: ReadableRequest): RequestFacts {
  const { method, scheme, authority, path, fields } = request;
  return {
    method,
    url: `${scheme}://${authority}${path === "*" ? "/*" : path}`,
    headers: fields.flat,
    upgrade: request.kind === "upgrade" ? request.protocol : undefined,
  };
}

/**
 * The request after the change. `request` stays as it is, except that its
 * content is no longer usable.
 *
 * @param onSkipped Told why text could not be changed.
 * @throws {TypeError} When something is to change that this request does not have.
 */
export async function changeRequest(
  request: ReadableRequest,
  change: RequestChange,
  onSkipped: (reason: string) => void,
): Promise<ReadableRequest> {
  const { scheme, authority, path } = change.destination ?? request;
  const place = { scheme, authority, path: path ?? request.path };
  const fields = changeHeaders(request.fields, change.headers);
  const routed = authority === request.authority ||
      mentions(change.headers, "host")
    ? fields
    : withHost(fields, authority);
  if (request.kind === "upgrade") {
    refuseForUpgrade(change);
    return { ...request, ...place, fields: routed };
  }
  const content = await changeBody(
    { body: request.body, fields: routed },
    change.body,
    onSkipped,
  );
  const method = change.method ?? request.method;
  return { ...request, ...place, ...content, method };
}

/** The answer that a plugin gives to a request by itself. */
export function answerOf(
  { status, headers, body }: OwnAnswer,
  method: string,
): PlainResponse {
  const fields = new Fields([...headers]);
  const isEmpty = hasNoContent(method, status);
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

/** Requests that came through the tunnel have no `Host`: it is added when they are sent. */
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
    `a request that changes the protocol keeps its ${what}, look at "upgrade"`,
  );
}
