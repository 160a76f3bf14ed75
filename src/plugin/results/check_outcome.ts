/*
 * Checks what the worker of a plugin sends as the outcome of a hook. The plugin
 * may have got hold of the worker's end: nothing is taken for granted.
 */
import { isAuthority } from "../../http1/parse/request_target.ts";
import { isFieldValue, isToken } from "../../http/tokens.ts";
import { isOfConnection, MAX_HEADER_EDITS } from "./header_edits.ts";
import type {
  BodyPlan,
  Destination,
  OwnResponse,
  RequestOutcome,
  ResponseOutcome,
} from "./outcomes.ts";
import { checkedMethod, checkedStatus } from "./read_result.ts";
import { isObject } from "./value_kind.ts";

/** Takes the source of a channel by its number. */
export type TakeSource = (
  channel: number,
) => Extract<BodyPlan, { readonly kind: "stream" }>["source"];

type Data = Readonly<Record<PropertyKey, unknown>>;

/** The outcome of a `request` hook. @throws {TypeError} When it is something else. */
export function checkedRequestOutcome(
  value: unknown,
  take: TakeSource,
): RequestOutcome | undefined {
  if (value === undefined) return undefined;
  const data = dataOf(value);
  if (data["kind"] !== "change") return checkedEnd(data, take);
  const { method, destination } = data;
  return {
    kind: "change",
    method: method === undefined ? undefined : checkedMethod(method),
    destination: destination === undefined
      ? undefined
      : checkedDestination(dataOf(destination)),
    headers: checkedTexts(data["headers"], 3),
    body: checkedBody(data["body"], take),
  };
}

/** The outcome of a `response` hook. @throws {TypeError} When it is something else. */
export function checkedResponseOutcome(
  value: unknown,
  take: TakeSource,
): ResponseOutcome | undefined {
  if (value === undefined) return undefined;
  const data = dataOf(value);
  if (data["kind"] !== "change") return checkedEnd(data, take);
  const { status } = data;
  return {
    kind: "change",
    status: status === undefined ? undefined : checkedStatus(status),
    headers: checkedTexts(data["headers"], 3),
    body: checkedBody(data["body"], take),
  };
}

function checkedEnd(
  data: Data,
  take: TakeSource,
): OwnResponse | { readonly kind: "abort" } {
  if (data["kind"] === "abort") return { kind: "abort" };
  if (data["kind"] !== "respond") throw invalid("outcome");
  const headers = checkedTexts(data["headers"], 2);
  const isValid = headers.every((text, at) =>
    at % 2 === 0 ? isToken(text) && !isOfConnection(text) : isFieldValue(text)
  );
  if (!isValid) throw invalid("header");
  return {
    kind: "respond",
    status: checkedStatus(data["status"]),
    headers,
    body: checkedBody(data["body"], take),
  };
}

function checkedDestination(
  { scheme, authority, path }: Data,
): Destination {
  const isValid = (scheme === "http" || scheme === "https") &&
    typeof authority === "string" && isAuthority(authority) &&
    (path === undefined ||
      typeof path === "string" && /^\/[!-~]*$/.test(path));
  if (!isValid) throw invalid("target");
  return { scheme, authority, path };
}

/** A list of texts, so many of which belong together. */
function checkedTexts(value: unknown, group: number): readonly string[] {
  const isList = Array.isArray(value) && value.length % group === 0 &&
    value.length <= MAX_HEADER_EDITS * group;
  if (!isList) throw invalid("header");
  // A copy has no holes.
  const texts: unknown[] = Array.from(value);
  return texts.map((text) => {
    if (typeof text === "string") return text;
    throw invalid("header");
  });
}

function checkedBody(value: unknown, take: TakeSource): BodyPlan | undefined {
  if (value === undefined) return undefined;
  const { kind, bytes, channel, isDerived } = dataOf(value);
  if (
    kind === "bytes" && bytes instanceof Uint8Array &&
    bytes.buffer instanceof ArrayBuffer
  ) {
    return { kind, bytes };
  }
  if (kind === "stream" && typeof channel === "number") {
    return { kind, source: take(channel), isDerived: isDerived === true };
  }
  throw invalid("body");
}

function dataOf(value: unknown): Data {
  if (isObject(value)) return value;
  throw invalid("outcome");
}

function invalid(what: string): TypeError {
  return new TypeError(`its worker sent an invalid ${what}`);
}
