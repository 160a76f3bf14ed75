import { hideInField } from "../../log/http_message.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { readableBody } from "../record/readable_body.ts";

/** A recorded request as a form, without its secrets. */
export interface ReplayForm {
  readonly method: string;
  readonly url: string;
  /** A line for each field, without `Content-Length`. */
  readonly fields: string;
  /** `undefined` when it cannot be edited. It is then sent as recorded. */
  readonly body: string | undefined;
  /** Whether the text is the whole recorded body. */
  readonly isWhole: boolean;
  /** Whether secrets in the text are hidden. */
  readonly hasSecrets: boolean;
  /** A remark about the body, if there is one. */
  readonly note: string | undefined;
}

/** Whether the request can be sent again. CONNECT and upgrades cannot. */
export function isReplayable({ request }: ExchangeRecord): boolean {
  return request.kind === "request";
}

/** The form of a recorded request. */
export function replayForm(record: ExchangeRecord): ReplayForm {
  const { request, shownUrl } = record;
  const lines = Array.from(request.fields)
    .filter(([name]) => name.toLowerCase() !== "content-length")
    .map(([name, value]) => `${name}: ${hideInField(name, value)}`);
  return {
    method: request.method,
    url: shownUrl,
    fields: lines.join("\n"),
    ...bodyOf(record),
  };
}

/** Text with LF line ends. Browsers send forms with CR LF. */
export function typedText(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n");
}

function bodyOf(
  { request: { fields }, requestBody }: ExchangeRecord,
): Pick<ReplayForm, "body" | "isWhole" | "hasSecrets" | "note"> {
  const none = { body: "", isWhole: true, hasSecrets: false };
  if (requestBody === undefined || requestBody.total === 0) {
    return { ...none, note: undefined };
  }
  if (!requestBody.isWhole) {
    const note = "Only part of the body was recorded: write it again.";
    return { ...none, isWhole: false, note };
  }
  const readable = readableBody(requestBody, fields);
  const isCoded = fields.has("content-encoding");
  if (readable?.text === undefined || isCoded) {
    const note = `${readable?.note ?? "Encoded body."} It is sent as recorded.`;
    return { ...none, body: undefined, note };
  }
  const plain = new TextDecoder().decode(requestBody.bytes);
  return {
    body: readable.text,
    isWhole: true,
    hasSecrets: plain !== readable.text,
    note: undefined,
  };
}
