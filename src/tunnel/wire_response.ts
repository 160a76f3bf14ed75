import type { Fields } from "../http/fields.ts";
import type { ProxyRequest, ProxyResponse } from "../http/exchange.ts";
import type { ResponseHead } from "../http_server/send_stream.ts";
import { TunnelError } from "./errors.ts";
import { UPGRADED_FIELD } from "./protocol.ts";
import { appendFields, readFields } from "./wire_fields.ts";

/** The field list of `response` to `request`. */
export function encodeResponse(
  response: ProxyResponse,
  request: ProxyRequest,
): string[] {
  const switched = response.kind === "stream" && request.kind === "upgrade";
  const list = [":status", switched ? "200" : String(response.status)];
  appendFields(list, response.fields);
  if (switched) list.push(UPGRADED_FIELD, request.protocol);
  return list;
}

/** The field list of an interim response (1xx). */
export function encodeInterim(status: number, fields: Fields): string[] {
  const list = [":status", String(status)];
  appendFields(list, fields);
  return list;
}

/** Reads the field list of a response to `request`. @throws {TunnelError} `reset` without a status. */
export function decodeResponse(
  list: readonly string[],
  request: ProxyRequest,
): ResponseHead {
  const { meta, fields } = readFields(list);
  const status = Number(meta.get(":status"));
  if (!(status >= 100 && status <= 999)) {
    throw new TunnelError("reset", "Cannot read a response: it has no status");
  }
  if (request.kind === "upgrade" && meta.has(UPGRADED_FIELD)) {
    return { status: 101, fields, switched: true };
  }
  const switched = request.kind === "connect" && status >= 200 && status < 300;
  return { status, fields, switched };
}
