/**
 * Makes the request of a filled replay form. Secrets are hidden in the form. A
 * value that was left hidden is sent as recorded, but to the same site only.
 */
import { Problem } from "../../api/serving/problem.ts";
import { bytesBody } from "../../http/bytes_body.ts";
import type { Body, PlainRequest } from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { withoutHopByHop } from "../../http/hop_by_hop.ts";
import { isFieldValue, isToken } from "../../http/tokens.ts";
import { hideInField } from "../../log/http_message.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { type ReplayForm, replayForm, typedText } from "./replay_form.ts";

/** The fields of the form. */
export type FilledForm =
  & Pick<ReplayForm, "method" | "url" | "fields">
  & { readonly body: string };

/** A field of the form that cannot be sent. */
export class FieldProblem extends Problem {
  /** Name of the field. */
  readonly field: "method" | "url" | "fields";

  constructor(field: FieldProblem["field"], message: string) {
    super(400, message);
    this.field = field;
  }
}

/** The request of a form. @throws {FieldProblem} 400 with the reason. */
export function replayRequest(
  record: ExchangeRecord,
  filled: FilledForm,
): PlainRequest {
  const method = filled.method.trim();
  checkMethod(method);
  const form = replayForm(record);
  const target = targetOf(record, form, filled.url.trim());
  const isSameSite = target.scheme === record.request.scheme &&
    target.authority === record.request.authority;
  const fields = fieldsOf(record, filled.fields, isSameSite);
  if (!isSameSite && fields.get("host") === record.request.authority) {
    fields.set("Host", target.authority);
  }
  const body = newBody(record, { form, filled, isSameSite });
  if (body !== undefined || NEEDS_LENGTH.has(method)) {
    fields.set("Content-Length", String(body?.length ?? 0));
  }
  return { kind: "request", method, ...target, fields, body };
}

function checkMethod(method: string): void {
  if (!isToken(method) || method === "CONNECT") {
    throw new FieldProblem(
      "method",
      `Cannot send the request: "${method}" is not a method`,
    );
  }
  const usual = method.toUpperCase();
  if (method === usual || !USUAL.has(usual)) return;
  throw new FieldProblem(
    "method",
    `Cannot send the request: "${method}" is not a method, write ${usual}`,
  );
}

/** Methods are case-sensitive (RFC 9110 §9.1). Others may be in any case. */
const USUAL: ReadonlySet<string> = new Set([
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"],
]);

/** Methods that send `Content-Length: 0` without a body (RFC 9110 §8.6). */
const NEEDS_LENGTH: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

type Target = Pick<PlainRequest, "scheme" | "authority" | "path">;

/** The recorded target if the URL was not edited. Unedited parameters get their secrets back. */
function targetOf(
  { request }: ExchangeRecord,
  { url: shown }: ReplayForm,
  text: string,
): Target {
  const { scheme = "http", authority, path = "/" } = request;
  if (text === shown) return { scheme, authority, path };
  const url = URL.parse(text);
  const isWeb = /^https?:\/\/[^/?#]/i.test(text);
  if (url === null || !isWeb || url.username !== "" || url.password !== "") {
    throw new FieldProblem(
      "url",
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

/** Replaces each parameter that still looks as shown with its recorded value. */
function withSecrets(
  edited: string,
  { shown, path }: { readonly shown: string; readonly path: string },
): string {
  const originals = parametersOf(path);
  const hidden = parametersOf(shown);
  // A hidden value spans several parameters.
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
    // Each line matches one recorded field, so that repeated fields keep their values.
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
  throw new FieldProblem(
    "fields",
    `Cannot send the request: "${line}" is not a header field, write ` +
      '"Name: value" on each line',
  );
}

function newBody(
  record: ExchangeRecord,
  { form, filled, isSameSite }: {
    readonly form: ReplayForm;
    readonly filled: FilledForm;
    readonly isSameSite: boolean;
  },
): Body | undefined {
  const { requestBody } = record;
  const text = typedText(filled.body);
  if (form.body === undefined) return bodyOf(requestBody?.bytes);
  const isUnedited = text === typedText(form.body) && form.isWhole;
  if (isUnedited && (isSameSite || !form.hasSecrets)) {
    return bodyOf(requestBody?.bytes);
  }
  return bodyOf(new TextEncoder().encode(text));
}

/** A copy: the recorded body may be dropped while it is sent. */
function bodyOf(bytes: Uint8Array | undefined): Body | undefined {
  return bytes === undefined || bytes.length === 0
    ? undefined
    : bytesBody(bytes.slice());
}
