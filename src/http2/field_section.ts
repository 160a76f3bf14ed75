/**
 * The size of a field section as peers count it (RFC 9113 §6.5.2).
 *
 * @module
 */
import { ErrorCode } from "./error_codes.ts";
import { streamError } from "./errors.ts";

/** What every line counts beside its name and value. */
const LINE_OVERHEAD = 32;

/**
 * Checks that the peer takes a section, before anything of it is sent: refused
 * by the peer it would be a reset without a reason.
 *
 * @param limit The peer's SETTINGS_MAX_HEADER_LIST_SIZE in bytes.
 * @throws {Http2Error} Of the stream, when the section is larger.
 */
export function checkSectionSize(
  fields: readonly string[],
  limit: number,
): void {
  if (limit === Infinity) return;
  const size = sectionSize(fields);
  if (size <= limit) return;
  throw streamError(
    ErrorCode.ENHANCE_YOUR_CALM,
    `Cannot send the fields: they have ${size} bytes, the peer takes ${limit}`,
    { limit: "fieldSection" },
  );
}

function sectionSize(fields: readonly string[]): number {
  let size = fields.length / 2 * LINE_OVERHEAD;
  for (const text of fields) size += text.length;
  return size;
}
