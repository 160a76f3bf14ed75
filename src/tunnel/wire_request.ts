import type { Body, ProxyRequest, Sender } from "../http/exchange.ts";
import { TunnelError } from "./errors.ts";
import { JOB_FIELD, TUNNEL_FIELD, USER_FIELD } from "./protocol.ts";
import { appendFields, readFields } from "./wire_fields.ts";

/** Whom a request belongs to and, between nodes, which tunnel it is for. */
export interface WireAddress extends Sender {
  /** 32 hexadecimal digits. */
  readonly tunnelId?: string | undefined;
}

/** The field list that opens the stream of `request`. */
export function encodeRequest(
  request: ProxyRequest,
  { user, job, tunnelId }: WireAddress = {},
): string[] {
  const list = pseudoFields(request);
  appendFields(list, request.fields);
  if (user !== undefined) list.push(USER_FIELD, user);
  if (job !== undefined) list.push(JOB_FIELD, job);
  if (tunnelId !== undefined) list.push(TUNNEL_FIELD, tunnelId);
  return list;
}

/** Who the request of a stream's field list belongs to. */
export function decodeSender(list: readonly string[]): Sender {
  const sender: { user: string | undefined; job: string | undefined } = {
    user: undefined,
    job: undefined,
  };
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at];
    if (name === USER_FIELD) sender.user = list[at + 1];
    else if (name === JOB_FIELD) sender.job = list[at + 1];
  }
  return sender;
}

/** The tunnel that a stream's field list names, between nodes. */
export function decodeTunnel(list: readonly string[]): string | undefined {
  for (let at = 0; at < list.length; at += 2) {
    if (list[at] === TUNNEL_FIELD) return list[at + 1];
  }
  return undefined;
}

function pseudoFields(request: ProxyRequest): string[] {
  const { authority } = request;
  switch (request.kind) {
    case "connect":
      return [":method", "CONNECT", ":authority", authority];
    case "upgrade":
      return [
        ...[":method", "CONNECT", ":protocol", request.protocol],
        ...[
          ":scheme",
          request.scheme,
          ":path",
          request.path,
          ":authority",
          authority,
        ],
      ];
    case "request":
      return [
        ...[":method", request.method, ":scheme", request.scheme],
        ...[":path", request.path, ":authority", authority],
      ];
  }
}

/**
 * The request that a stream's field list says.
 *
 * @param body Makes the content from its length; called for a plain request with content.
 * @throws {TunnelError} `reset` when a pseudo-header field is missing.
 */
export function decodeRequest(
  list: readonly string[],
  body: ((length: number | undefined) => Body) | undefined,
): ProxyRequest {
  const { meta, fields } = readFields(list);
  const needed = (name: string): string => {
    const value = meta.get(name);
    if (value === undefined) {
      throw new TunnelError("reset", `Cannot read a request: no "${name}"`);
    }
    return value;
  };
  const method = needed(":method");
  const authority = needed(":authority");
  const protocol = meta.get(":protocol");
  if (method === "CONNECT" && protocol === undefined) {
    return { kind: "connect", method, authority, fields };
  }
  const scheme = schemeOf(needed(":scheme"));
  const path = needed(":path");
  if (protocol !== undefined) {
    return {
      kind: "upgrade",
      method: "GET",
      authority,
      scheme,
      path,
      protocol,
      fields,
    };
  }
  const content = body?.(contentLength(fields.get("content-length")));
  return {
    kind: "request",
    method,
    authority,
    scheme,
    path,
    fields,
    body: content,
  };
}

/** A length that the HTTP/2 layer has checked against the content already. */
export function contentLength(value: string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function schemeOf(text: string): "http" | "https" {
  if (text === "http" || text === "https") return text;
  throw new TunnelError(
    "reset",
    `Cannot read a request: scheme "${text}" is not http or https`,
  );
}
