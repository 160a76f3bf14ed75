/**
 * What makes a message well-formed (RFC 9113 §8). These rules stop messages
 * that would mean something else in another protocol.
 *
 * All checks throw an error of the stream with PROTOCOL_ERROR: "Malformed
 * requests or responses that are detected MUST be treated as a stream error"
 * (§8.1.1).
 */
import { ErrorCode, Http2Error, streamError } from "../errors.ts";

/** What the connection itself needs of a request. */
export interface ValidatedRequest {
  readonly method: string;
  /** The value of `:protocol` (RFC 8441), for extended CONNECT. */
  readonly protocol: string | undefined;
  /** Bytes of content from "content-length"; `undefined` without it, and for CONNECT. */
  readonly contentLength: number | undefined;
}

/** What the connection itself needs of a response. */
export interface ValidatedResponse {
  readonly status: number;
  readonly contentLength: number | undefined;
}

/** Characters of a token (RFC 9110 §5.6.2) without upper case, by code. */
const IS_NAME_CHAR: Uint8Array = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  IS_NAME_CHAR[char.charCodeAt(0)] = 1;
}

/**
 * "A field value MUST NOT contain the zero value (ASCII NUL), line feed (LF),
 * or carriage return (CR) at any position" and "MUST NOT start or end with an
 * ASCII whitespace character" (§8.2.1). Other controls cannot be passed on in
 * HTTP/1.1 (RFC 9110 §5.5). Above U+00FF there are no bytes.
 */
// deno-lint-ignore no-control-regex
const BAD_VALUE = /[\0-\x08\x0a-\x1f\x7f\u0100-\uffff]|^[ \t]|[ \t]$/;

const STATUS = /^[1-9][0-9][0-9]$/;
const DIGITS = /^[0-9]{1,15}$/;

/** Pseudo-header fields of one message, as bits: finds repeats without a set. */
const Pseudo = {
  ":method": 1,
  ":scheme": 2,
  ":path": 4,
  ":authority": 8,
  ":protocol": 16,
  ":status": 32,
} as const;

const REQUEST_PSEUDO = 1 | 2 | 4 | 8 | 16;
const RESPONSE_PSEUDO = 32;
const METHOD_SCHEME_PATH = 1 | 2 | 4;

/** Checks the fields of a request (§8.3.1, §8.5, RFC 8441 §4). */
export function checkRequest(
  fields: readonly string[],
  { enableConnectProtocol }: { readonly enableConnectProtocol: boolean },
): ValidatedRequest {
  const { present, contentLength } = checkFields(fields, REQUEST_PSEUDO);
  const method = valueOf(fields, ":method") ?? "";
  if (method === "CONNECT") {
    const protocol = valueOf(fields, ":protocol");
    checkConnect(present, enableConnectProtocol);
    return { method, protocol, contentLength: undefined };
  }
  if ((present & Pseudo[":protocol"]) !== 0) {
    throw malformed('":protocol" without CONNECT');
  }
  // "All HTTP/2 requests MUST include exactly one valid value for the :method, :scheme, and :path pseudo-header fields, unless they are CONNECT requests" (§8.3.1)
  if ((present & METHOD_SCHEME_PATH) !== METHOD_SCHEME_PATH) {
    throw malformed('":method", ":scheme" or ":path" is missing');
  }
  checkPath(method, valueOf(fields, ":path") ?? "");
  return { method, protocol: undefined, contentLength };
}

/** Checks the fields of a response, interim or final (§8.3.2). */
export function checkResponse(fields: readonly string[]): ValidatedResponse {
  const { contentLength } = checkFields(fields, RESPONSE_PSEUDO);
  const status = valueOf(fields, ":status") ?? "";
  if (!STATUS.test(status)) throw malformed(`":status" is "${status}"`);
  // "HTTP/2 removes support for the 101 (Switching Protocols) informational status code" (§8.6)
  if (status === "101") throw malformed("status 101 is not allowed");
  return { status: Number(status), contentLength };
}

/** Checks trailer fields: "Trailers MUST NOT include pseudo-header fields" (§8.1). */
export function checkTrailers(fields: readonly string[]): void {
  checkFields(fields, 0);
}

/** Whether a status is interim (RFC 9110 §15.2). */
export function isInterim(status: number): boolean {
  return status < 200;
}

/** Whether a response has no content, whatever its length says (RFC 9110 §6.4.1). */
export function hasNoContent(method: string, status: number): boolean {
  return method === "HEAD" || status === 304 || status === 204;
}

/** Checks fields of our own. A violation is an error of the caller, not of the peer. */
export function asCallerError<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof Http2Error)) throw cause;
    throw new TypeError(cause.message.replace("accept", "send"), { cause });
  }
}

function checkConnect(present: number, enableConnectProtocol: boolean): void {
  if ((present & Pseudo[":authority"]) === 0) {
    throw malformed('CONNECT without ":authority"');
  }
  if ((present & Pseudo[":protocol"]) === 0) {
    // "The :scheme and :path pseudo-header fields MUST be omitted" (§8.5)
    if ((present & (Pseudo[":scheme"] | Pseudo[":path"])) === 0) return;
    throw malformed('CONNECT with ":scheme" or ":path"');
  }
  if (!enableConnectProtocol) {
    throw malformed("extended CONNECT is not enabled");
  }
  // "On requests that contain the :protocol pseudo-header field, the :scheme and :path pseudo-header fields of the target URI MUST also be included" (RFC 8441 §4)
  if ((present & METHOD_SCHEME_PATH) !== METHOD_SCHEME_PATH) {
    throw malformed('extended CONNECT without ":scheme" or ":path"');
  }
}

/** "This pseudo-header field MUST NOT be empty for http or https URIs", and `*` is for OPTIONS only (§8.3.1). */
function checkPath(method: string, path: string): void {
  if (path.startsWith("/")) return;
  if (path === "*" && method === "OPTIONS") return;
  throw malformed(`":path" is not absolute`);
}

function checkFields(
  fields: readonly string[],
  allowed: number,
): { readonly present: number; readonly contentLength: number | undefined } {
  let present = 0;
  let isRegular = false;
  let contentLength: number | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = fields[at + 1] ?? "";
    if (BAD_VALUE.test(value)) {
      throw malformed(`the value of "${name}" is not allowed`);
    }
    if (name.charCodeAt(0) === 0x3a) {
      // "All pseudo-header fields MUST appear in a field block before all regular field lines" (§8.3)
      if (isRegular) throw malformed(`"${name}" after other fields`);
      present = withPseudo(present, name, allowed);
      continue;
    }
    isRegular = true;
    checkName(name);
    checkConnectionSpecific(name, value);
    if (name === "content-length") {
      contentLength = readLength(value, contentLength);
    }
  }
  return { present, contentLength };
}

/** "The same pseudo-header field name MUST NOT appear more than once", and others are not allowed (§8.3). */
function withPseudo(present: number, name: string, allowed: number): number {
  const bit = pseudoBit(name);
  if ((bit & allowed) === 0) throw malformed(`"${name}" is not allowed here`);
  if ((present & bit) !== 0) throw malformed(`"${name}" appears twice`);
  return present | bit;
}

function pseudoBit(name: string): number {
  switch (name) {
    case ":method":
    case ":scheme":
    case ":path":
    case ":authority":
    case ":protocol":
    case ":status":
      return Pseudo[name];
    default:
      return 0;
  }
}

function checkName(name: string): void {
  let isValid = name.length > 0;
  for (let at = 0; at < name.length && isValid; at++) {
    isValid = IS_NAME_CHAR[name.charCodeAt(at)] === 1;
  }
  if (!isValid) throw malformed(`the field name "${name}" is not allowed`);
}

/** "An endpoint MUST NOT generate an HTTP/2 message containing connection-specific header fields" (§8.2.2). */
function checkConnectionSpecific(name: string, value: string): void {
  switch (name) {
    case "connection":
    case "proxy-connection":
    case "keep-alive":
    case "transfer-encoding":
    case "upgrade":
      throw malformed(`"${name}" belongs to a connection`);
    case "te":
      // "MUST NOT contain any value other than 'trailers'" (§8.2.2)
      if (value.toLowerCase() !== "trailers") {
        throw malformed(`"te" is not "trailers"`);
      }
      return;
    default:
      return;
  }
}

function readLength(value: string, before: number | undefined): number {
  if (!DIGITS.test(value)) throw malformed(`"content-length" is "${value}"`);
  const length = Number(value);
  if (before !== undefined && before !== length) {
    throw malformed('"content-length" appears twice');
  }
  return length;
}

function valueOf(fields: readonly string[], name: string): string | undefined {
  const at = fields.indexOf(name);
  // A value can look like a name: names are at even positions.
  if (at % 2 === 0) return fields[at + 1];
  for (let next = 0; next < fields.length; next += 2) {
    if (fields[next] === name) return fields[next + 1];
  }
  return undefined;
}

function malformed(state: string): Error {
  return streamError(
    ErrorCode.PROTOCOL_ERROR,
    `Cannot accept the message: ${state}`,
  );
}

/** What a line counts beside its name and value (RFC 9113 §6.5.2). */
const LINE_OVERHEAD = 32;

/**
 * Checks the size of a field section before anything of it is sent. A peer that
 * refuses it would reset the stream without a reason.
 *
 * @param limit The peer's SETTINGS_MAX_HEADER_LIST_SIZE in bytes.
 * @throws {Http2Error} Of the stream, when the section is larger.
 */
export function checkSectionSize(
  fields: readonly string[],
  limit: number,
): void {
  if (limit === Infinity) return;
  const size = sectionSize(fields);
  if (size <= limit) return;
  throw streamError(
    ErrorCode.ENHANCE_YOUR_CALM,
    `Cannot send the fields: they have ${size} bytes, the peer accepts ${limit}`,
    { limit: "fieldSection" },
  );
}

function sectionSize(fields: readonly string[]): number {
  let size = fields.length / 2 * LINE_OVERHEAD;
  for (const text of fields) size += text.length;
  return size;
}
