/**
 * An exchange as an entry of a HAR 1.2 file, without its secrets.
 *
 * @module
 */
import type { Fields } from "../../http/fields.ts";
import { statusText } from "../../http/status_text.ts";
import { hideInField, hideInUrl } from "../../log/http_message.ts";
import { HIDDEN } from "../../log/redact.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { KeptContent } from "../record/captured_body.ts";
import { editLines } from "../pages/shown_edits.ts";
import { shownContent } from "../pages/shown_content.ts";

/** A name and its value. */
interface Named {
  readonly name: string;
  readonly value: string;
}

/** What the format says for "not known". */
const UNKNOWN = -1;

/** The entry; fields with an underscore are ours, as the format allows. */
export function harEntry(record: ExchangeRecord): Record<string, unknown> {
  const { startedAt, duration, response, replayOf } = record;
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
    ...record.edits.length > 0 && {
      _plugins: record.edits.map((edit) => ({
        plugin: edit.plugin,
        hook: edit.hook,
        changes: editLines(edit),
      })),
    },
  };
}

function requestOf(
  { request, shownUrl, requestContent }: ExchangeRecord,
): Record<string, unknown> {
  const { method, fields } = request;
  const shown = shownContent(requestContent, fields);
  return {
    method,
    url: shownUrl,
    httpVersion: "HTTP/1.1",
    cookies: cookiesOf(fields.getAll("cookie").flatMap(splitCookies)),
    headers: headersOf(fields),
    queryString: queryOf(shownUrl),
    ...shown !== undefined && {
      postData: {
        mimeType: fields.get("content-type") ?? "",
        text: shown.text ?? "",
        ...comment(shown.note),
      },
    },
    headersSize: UNKNOWN,
    bodySize: sizeOf(requestContent),
  };
}

/** Without an answer the status is 0, as browsers write it. */
function responseOf(
  { response, responseContent }: ExchangeRecord,
): Record<string, unknown> {
  const fields = response?.fields;
  const shown = fields && shownContent(responseContent, fields);
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
      size: sizeOf(responseContent),
      mimeType: fields?.get("content-type") ?? "",
      ...shown?.text !== undefined && { text: shown.text },
      ...comment(shown?.note),
    },
    redirectURL: hideInUrl(fields?.get("location") ?? ""),
    headersSize: UNKNOWN,
    bodySize: sizeOf(responseContent),
  };
}

function headersOf(fields: Fields): readonly Named[] {
  return Array.from(
    fields,
    ([name, value]) => ({ name, value: hideInField(name, value) }),
  );
}

/** Names say what a site keeps; values are secrets. */
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

function sizeOf(content: KeptContent | undefined): number {
  return content?.total ?? 0;
}

function comment(note: string | undefined): { readonly comment?: string } {
  return note === undefined ? {} : { comment: note };
}
