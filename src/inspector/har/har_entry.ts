import type { Fields } from "../../http/fields.ts";
import { statusText } from "../../http/status_text.ts";
import { hideInField, hideInUrl } from "../../log/http_message.ts";
import { HIDDEN } from "../../log/redact.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { CapturedBody } from "../record/captured_body.ts";
import { describeEdit } from "../record/plugin_edits.ts";
import { readableBody } from "../record/readable_body.ts";

/** A name and its value. */
interface Named {
  readonly name: string;
  readonly value: string;
}

/** The format's value for "not known". */
const UNKNOWN = -1;

/** An exchange as an entry of a HAR 1.2 file, without its secrets. Fields with an underscore are ours, as the format allows. */
export function harEntry(record: ExchangeRecord): Record<string, unknown> {
  const { startedAt, duration, response, replayOf, sender } = record;
  const wait = response?.after ?? duration;
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: duration,
    request: requestOf(record),
    response: responseOf(record),
    cache: {},
    timings: { send: 0, wait, receive: Math.max(0, duration - wait) },
    _id: record.id,
    _end: record.end ?? "waiting",
    ...replayOf !== undefined && { _replayOf: replayOf },
    ...sender.user !== undefined && { _user: sender.user },
    ...sender.job !== undefined && { _job: sender.job },
    ...record.edits.length > 0 && {
      _plugins: record.edits.map((edit) => ({
        plugin: edit.plugin,
        hook: edit.hook,
        changes: describeEdit(edit),
      })),
    },
  };
}

function requestOf(
  { request, shownUrl, requestBody }: ExchangeRecord,
): Record<string, unknown> {
  const { method, fields } = request;
  // The format wants a URL. Browsers send CONNECT for TLS.
  const url = request.kind === "connect"
    ? hideInUrl(`https://${request.authority}/`)
    : shownUrl;
  const body = readableBody(requestBody, fields);
  return {
    method,
    url,
    httpVersion: "HTTP/1.1",
    cookies: cookiesOf(fields.getAll("cookie").flatMap(splitCookies)),
    headers: headersOf(fields),
    queryString: queryOf(url),
    ...body !== undefined && {
      postData: {
        mimeType: fields.get("content-type") ?? "",
        text: body.text ?? "",
        ...comment(body.note),
      },
    },
    headersSize: UNKNOWN,
    bodySize: sizeOf(requestBody),
  };
}

/** Without a response the status is 0, as in files of browsers. */
function responseOf(
  { response, responseBody }: ExchangeRecord,
): Record<string, unknown> {
  const fields = response?.fields;
  const body = fields && readableBody(responseBody, fields);
  return {
    status: response?.status ?? 0,
    statusText: response === undefined ? "" : statusText(response.status),
    httpVersion: "HTTP/1.1",
    cookies: cookiesOf(
      fields?.getAll("set-cookie").map((line) => line.split(";")[0] ?? "") ??
        [],
    ),
    headers: fields === undefined ? [] : headersOf(fields),
    content: {
      size: sizeOf(responseBody),
      mimeType: fields?.get("content-type") ?? "",
      ...body?.text !== undefined && { text: body.text },
      ...comment(body?.note),
    },
    redirectURL: hideInUrl(fields?.get("location") ?? ""),
    headersSize: UNKNOWN,
    bodySize: sizeOf(responseBody),
  };
}

function headersOf(fields: Fields): readonly Named[] {
  return Array.from(
    fields,
    ([name, value]) => ({ name, value: hideInField(name, value) }),
  );
}

/** The values of cookies are secrets. */
function cookiesOf(pairs: readonly string[]): readonly Named[] {
  return pairs.map((pair) => ({
    name: pair.split("=")[0]?.trim() ?? "",
    value: HIDDEN,
  }));
}

function splitCookies(line: string): readonly string[] {
  return line.split(";").filter((pair) => pair.trim() !== "");
}

function queryOf(url: string): readonly Named[] {
  const query = URL.parse(url)?.searchParams ?? new URLSearchParams();
  return Array.from(query, ([name, value]) => ({ name, value }));
}

function sizeOf(body: CapturedBody | undefined): number {
  return body?.total ?? 0;
}

function comment(note: string | undefined): { readonly comment?: string } {
  return note === undefined ? {} : { comment: note };
}
