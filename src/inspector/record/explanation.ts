/** Why an exchange failed, or what it waits for, in one sentence. */
import { statusText } from "../../http/status_text.ts";
import { hideInUrl } from "../../log/http_message.ts";
import { formatElapsed, formatSize } from "../../web/format.ts";
import type { ExchangeRecord } from "./exchange_record.ts";

/** A site that takes longer is slow, in milliseconds: people notice, and tests have limits. */
const SLOW = 3_000;

/** The sentence, without a full stop; `undefined` where all is as it should be. */
export function explanationOf(record: ExchangeRecord): string | undefined {
  const { response, end, duration } = record;
  if (response === undefined) {
    if (end === "cut") return "It was given up before there was a response";
    if (duration < SLOW) return undefined;
    return `The site has not responded for ${formatElapsed(duration)}`;
  }
  const { status, fields, after } = response;
  const own = fields.get("x-sallyport-error");
  if (own !== undefined) return hideInUrl(sentenceOf(own));
  if (end === "cut") {
    return `The site cut its response after ${formatSize(record.received)}`;
  }
  if (status >= 400) {
    return `${speakerOf(record)} responded with ${named(status)}`;
  }
  if (after < SLOW) return undefined;
  return `The site took ${formatElapsed(after)} to respond`;
}

/** The field has a word and the sentence. */
function sentenceOf(field: string): string {
  return field.slice(field.indexOf(" ") + 1);
}

function speakerOf({ edits }: ExchangeRecord): string {
  const editor = edits.find(({ changes }) =>
    changes.some(({ kind }) => kind === "response")
  );
  return editor === undefined ? "The site" : `The plugin "${editor.plugin}"`;
}

function named(status: number): string {
  const text = statusText(status);
  return text === "" ? String(status) : `${status} ${text}`;
}
