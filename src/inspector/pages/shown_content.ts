/**
 * Content as people may see it: text, decoded, without the secrets that can be
 * told by their names.
 *
 * @module
 */
import type { Fields } from "../../http/fields.ts";
import { hideInContent } from "../../log/http_message.ts";
import { isReadableType } from "../../log/sampled_text.ts";
import { sizeText } from "../../web/number_text.ts";
import { decodePrefix } from "../record/decode_prefix.ts";
import type { KeptContent } from "../record/captured_body.ts";

/** Longest text that is shown, in bytes: small content that unfolds to more stops there. No more is kept of any. */
const MAX_SHOWN = 1024 * 1024;

/** What is shown of content. */
export interface ShownContent {
  /** `undefined` when it is no text. */
  readonly text: string | undefined;
  /** What is to be said about it, if anything. */
  readonly note: string | undefined;
  /** Whether the text is all of it. */
  readonly isWhole: boolean;
}

/** What is shown of the content of a message; `undefined` when it has none. */
export function shownContent(
  content: KeptContent | undefined,
  fields: Fields,
): ShownContent | undefined {
  if (content === undefined || content.total === 0) return undefined;
  const { bytes, total } = content;
  const type = fields.get("content-type") ?? "unknown type";
  const coding = fields.getList("content-encoding");
  const size = sizeText(total);
  if (!isReadableType(type)) {
    return unreadable(`${size} of ${type}, which is no text.`);
  }
  if (bytes.length === 0) return unreadable(`${size}, not kept.`);
  const plain = decodePrefix(bytes, coding, MAX_SHOWN);
  // Some codings come in blocks, of which only whole ones can be decoded.
  if (plain === undefined || plain.bytes.length === 0) {
    return unreadable(
      `${size} of ${type}, which cannot be decoded from ${coding}.`,
    );
  }
  const notes = [
    coding === undefined ? "" : `Decoded from ${coding}.`,
    bytes.length < total
      ? `The first ${sizeText(bytes.length)} of ${size}.`
      : plain.isCut
      ? `The first ${sizeText(plain.bytes.length)} of the decoded text.`
      : "",
  ].filter((note) => note !== "");
  return {
    text: hideInContent(decoderOf(type).decode(plain.bytes)),
    note: notes.length === 0 ? undefined : notes.join(" "),
    isWhole: content.isWhole && !plain.isCut,
  };
}

function unreadable(note: string): ShownContent {
  return { text: undefined, note, isWhole: false };
}

/** RFC 9110 §8.3.2. */
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)"?/i;

function decoderOf(type: string): TextDecoder {
  try {
    return new TextDecoder(CHARSET.exec(type)?.[1] ?? "utf-8");
  } catch {
    // A charset that nobody knows.
    return new TextDecoder();
  }
}
