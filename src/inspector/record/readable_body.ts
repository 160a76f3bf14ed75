import type { Fields } from "../../http/fields.ts";
import { hideInContent } from "../../log/http_message.ts";
import { isReadableType } from "../../log/sampled_text.ts";
import { formatSize } from "../../web/format.ts";
import { decodePrefix } from "./decode_prefix.ts";
import type { CapturedBody } from "./captured_body.ts";

/** Longest text that is shown, in bytes. A small compressed body may decode to much more. */
const MAX_SHOWN = 1024 * 1024;

/** A body as people may see it: decoded, as text, without known secrets. */
export interface ReadableBody {
  /** `undefined` when it is not text. */
  readonly text: string | undefined;
  /** A remark for the reader, if there is one. */
  readonly note: string | undefined;
  /** Whether the text is the whole body. */
  readonly isWhole: boolean;
}

/** The readable form of a body; `undefined` when the message has none. */
export function readableBody(
  body: CapturedBody | undefined,
  fields: Fields,
): ReadableBody | undefined {
  if (body === undefined || body.total === 0) return undefined;
  const { bytes, total } = body;
  const type = fields.get("content-type") ?? "unknown type";
  const coding = fields.getList("content-encoding");
  const size = formatSize(total);
  if (!isReadableType(type)) {
    return unreadable(`${size} of ${type}, which is not text.`);
  }
  if (bytes.length === 0) return unreadable(`${size}, not recorded.`);
  const plain = decodePrefix(bytes, coding, MAX_SHOWN);
  // Some codings work in blocks. A partial block cannot be decoded.
  if (plain === undefined || plain.bytes.length === 0) {
    return unreadable(
      `${size} of ${type}, which cannot be decoded from ${coding}.`,
    );
  }
  const notes = [
    coding === undefined ? "" : `Decoded from ${coding}.`,
    bytes.length < total
      ? `The first ${formatSize(bytes.length)} of ${size}.`
      : plain.isCut
      ? `The first ${formatSize(plain.bytes.length)} of the decoded text.`
      : "",
  ].filter((note) => note !== "");
  return {
    text: hideInContent(decoderOf(type).decode(plain.bytes)),
    note: notes.length === 0 ? undefined : notes.join(" "),
    isWhole: body.isWhole && !plain.isCut,
  };
}

function unreadable(note: string): ReadableBody {
  return { text: undefined, note, isWhole: false };
}

/** RFC 9110 §8.3.2. */
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)"?/i;

function decoderOf(type: string): TextDecoder {
  try {
    return new TextDecoder(CHARSET.exec(type)?.[1] ?? "utf-8");
  } catch {
    // An unknown charset.
    return new TextDecoder();
  }
}
