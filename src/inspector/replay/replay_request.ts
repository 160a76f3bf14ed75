/**
 * From a form to the request that is sent again. The form shows no secrets:
 * what is left in it as it was shown is sent as it was recorded, but to the
 * same site only.
 *
 * @module
 */
import { Problem } from "../../api/serving/problem.ts";
import { bytesBody } from "../../http/bytes_body.ts";
import type { Body, PlainRequest } from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { withoutHopByHop } from "../../http/hop_by_hop.ts";
import { isFieldValue, isToken } from "../../http/tokens.ts";
import { hideInField } from "../../log/http_message.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import {
  type ReplayForm,
  replayForm,
  typedText,
} from "../pages/replay_form.ts";

/** What was written into the form. */
export interface FilledForm {
  readonly method: string;
  readonly url: string;
  /** A line for each field. */
  readonly fields: string;
  readonly content: string;
}

/**
 * The request that a form says.
 *
 * @throws {Problem} 400, with what is wrong with it.
 */
export function replayRequest(
  record: ExchangeRecord,
  filled: FilledForm,
): PlainRequest {
  const method = filled.method.trim();
  if (!isToken(method) || method === "CONNECT") {
    throw new Problem(400, `Cannot send the request: "${method}" is no method`);
  }
  const form = replayForm(record);
  const place = placeOf(record, form, filled.url.trim());
  const isSameSite = place.scheme === record.request.scheme &&
    place.authority === record.request.authority;
  const fields = fieldsOf(record, filled.fields, isSameSite);
  if (!isSameSite && fields.get("host") === record.request.authority) {
    fields.set("Host", place.authority);
  }
  const body = contentOf(record, { form, filled, isSameSite });
  if (body !== undefined || NEEDS_LENGTH.has(method)) {
    fields.set("Content-Length", String(body?.length ?? 0));
  }
  return { kind: "request", method, ...place, fields, body };
}

/** Methods whose requests say so when they have no content (RFC 9110 §8.6). */
const NEEDS_LENGTH: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

type Place = Pick<PlainRequest, "scheme" | "authority" | "path">;

/** To the letter if it was not edited; parameters that were left alone have their secrets again. */
function placeOf(
  { request }: ExchangeRecord,
  { url: shown }: ReplayForm,
  text: string,
): Place {
  const { scheme = "http", authority, path = "/" } = request;
  if (text === shown) return { scheme, authority, path };
  const url = URL.parse(text);
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === null || !isWeb || url.username !== "" || url.password !== "") {
    throw new Problem(
      400,
      "Cannot send the request: write its URL as http://host/path or " +
        "https://host/path, without credentials",
    );
  }
  const edited = url.pathname + url.search;
  if (url.origin === URL.parse(`${scheme}://${authority}`)?.origin) {
    return { scheme, authority, path: withSecrets(edited, { shown, path }) };
  }
  return {
    scheme: url.protocol === "https:" ? "https" : "http",
    authority: url.host,
    path: edited,
  };
}

/** Parameters that look as they were shown are what they were. */
function withSecrets(
  edited: string,
  { shown, path }: { readonly shown: string; readonly path: string },
): string {
  const originals = parametersOf(path);
  const hidden = parametersOf(shown);
  // What was hidden reached from one into the next.
  if (originals.length !== hidden.length) return edited;
  const known = new Map(hidden.map((each, at) => [each, originals[at]]));
  const query = parametersOf(edited).map((each) => known.get(each) ?? each);
  const [start = ""] = edited.split("?", 1);
  return query.length === 0 ? start : `${start}?${query.join("&")}`;
}

function parametersOf(url: string): readonly string[] {
  const mark = url.indexOf("?");
  return mark < 0 ? [] : url.slice(mark + 1).split("&");
}

function fieldsOf(
  { request }: ExchangeRecord,
  text: string,
  isSameSite: boolean,
): Fields {
  const recorded = Array.from(request.fields, ([name, value]) => ({
    line: `${name}: ${hideInField(name, value)}`.trim(),
    value,
  }));
  const fields = new Fields();
  for (const line of typedText(text).split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const { name, value } = fieldOf(line);
    // Each line stands for one, so that repeats keep their values.
    const at = recorded.findIndex((each) => each.line === line);
    const [same] = at < 0 ? [] : recorded.splice(at, 1);
    const isHidden = same !== undefined && same.value.trim() !== value;
    if (!isHidden) fields.append(name, value);
    else if (isSameSite) fields.append(name, same.value);
  }
  const passed = withoutHopByHop(fields);
  passed.delete("content-length");
  return passed;
}

function fieldOf(line: string): { readonly name: string; value: string } {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon)).trim();
  const value = line.slice(colon + 1).trim();
  if (isToken(name) && isFieldValue(value)) return { name, value };
  throw new Problem(
    400,
    `Cannot send the request: "${line}" is no field, write "Name: value" ` +
      "on each line",
  );
}

function contentOf(
  record: ExchangeRecord,
  { form, filled, isSameSite }: {
    readonly form: ReplayForm;
    readonly filled: FilledForm;
    readonly isSameSite: boolean;
  },
): Body | undefined {
  const { requestContent } = record;
  const text = typedText(filled.content);
  if (form.content === undefined) return bodyOf(requestContent?.bytes);
  const isLeft = text === typedText(form.content) && form.isWhole;
  if (isLeft && (isSameSite || !form.hasSecrets)) {
    return bodyOf(requestContent?.bytes);
  }
  return bodyOf(new TextEncoder().encode(text));
}

/** A copy: what is kept may make room while it is sent. */
function bodyOf(bytes: Uint8Array | undefined): Body | undefined {
  return bytes === undefined || bytes.length === 0
    ? undefined
    : bytesBody(bytes.slice());
}
