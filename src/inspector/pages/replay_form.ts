/**
 * A recorded request as a form to edit it in, without its secrets.
 *
 * @module
 */
import { hideInField } from "../../log/http_message.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { shownContent } from "./shown_content.ts";

/** What stands in the form. */
export interface ReplayForm {
  readonly method: string;
  readonly url: string;
  /** A line for each field; the length follows from the content. */
  readonly fields: string;
  /** `undefined` when it cannot be edited, and is sent as it was. */
  readonly content: string | undefined;
  /** Whether the text is all of the recorded content. */
  readonly isWhole: boolean;
  /** Whether the text hides some of it. */
  readonly hasSecrets: boolean;
  /** What is to be said about the content, if anything. */
  readonly note: string | undefined;
}

/** Whether the request can be sent again at all: one that asks for bytes both ways cannot. */
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
    ...contentOf(record),
  };
}

/** Text with the line ends that people write; forms give all of them back as CR LF. */
export function typedText(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n");
}

function contentOf(
  { request: { fields }, requestContent }: ExchangeRecord,
): Pick<ReplayForm, "content" | "isWhole" | "hasSecrets" | "note"> {
  const none = { content: "", isWhole: true, hasSecrets: false };
  if (requestContent === undefined || requestContent.total === 0) {
    return { ...none, note: undefined };
  }
  if (!requestContent.isWhole) {
    const note = "Not all of the content was kept: write it anew.";
    return { ...none, isWhole: false, note };
  }
  const shown = shownContent(requestContent, fields);
  const isCoded = fields.has("content-encoding");
  if (shown?.text === undefined || isCoded) {
    const note = `${shown?.note ?? "Coded content."} It is sent as it was.`;
    return { ...none, content: undefined, note };
  }
  const plain = new TextDecoder().decode(requestContent.bytes);
  return {
    content: shown.text,
    isWhole: true,
    hasSecrets: plain !== shown.text,
    note: undefined,
  };
}
