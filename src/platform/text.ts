/** The bytes are a text in UTF-16, as some editors and shells of Windows write it. */
export class Utf16Error extends TypeError {
  /** Always `Utf16Error`. */
  override readonly name = "Utf16Error";

  constructor() {
    super("it is in UTF-16, save it as UTF-8");
  }
}

/** Bytes in which a text in UTF-16 without a mark shows itself: every second one of ASCII is zero. */
const LOOKED_AT = 64;

/**
 * The text of a file that a user wrote, without a byte order mark.
 *
 * @throws {Utf16Error} When it is in UTF-16.
 */
export function decodeUserText(bytes: Uint8Array): string {
  if (isUtf16(bytes)) throw new Utf16Error();
  return new TextDecoder().decode(bytes);
}

function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return true;
  if (first === 0xfe && second === 0xff) return true;
  const begin = bytes.subarray(0, LOOKED_AT);
  if (begin.length < 4) return false;
  const hasZeros = (offset: number) =>
    begin.every((byte, at) => at % 2 === offset ? byte === 0 : byte !== 0);
  return hasZeros(0) || hasZeros(1);
}
