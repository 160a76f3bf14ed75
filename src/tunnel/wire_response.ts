/**
 * Responses as HTTP/2 field lists, and back.
 *
 * @module
 */
import type { Fields } from "../http/fields.ts";
import type { ProxyRequest, ProxyResponse } from "../http/exchange.ts";
import { TunnelError } from "./errors.ts";
import { UPGRADED_FIELD } from "./protocol.ts";
import { appendFields, readFields } from "./wire_fields.ts";

/** The field list that answers `request` with `response`. */
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

/** The field list of an interim answer (1xx). */
export function encodeInterim(status: number, fields: Fields): string[] {
  const list = [":status", String(status)];
  appendFields(list, fields);
  return list;
}

/** Status and fields of an answer, and whether a flow of bytes begins. */
export interface ResponseHead {
  readonly status: number;
  readonly fields: Fields;
  /** The stream now carries bytes both ways instead of content. */
  readonly switched: boolean;
}

/** What a stream's field list answers to `request`. @throws {TunnelError} `reset` without a status. */
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
