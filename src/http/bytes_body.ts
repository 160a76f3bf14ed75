import type { Body } from "./exchange.ts";

/** Makes content out of `bytes`, which must not change any more. */
export function bytesBody(bytes: Uint8Array): Body {
  let rest = bytes;
  return {
    length: bytes.length,
    trailers: undefined,
    read(into) {
      if (rest.length === 0) return Promise.resolve(null);
      const piece = rest.subarray(0, into.length);
      into.set(piece);
      rest = rest.subarray(piece.length);
      return Promise.resolve(piece.length);
    },
    cancel() {
      rest = rest.subarray(rest.length);
    },
  };
}

/** Makes content out of text in UTF-8. */
export function textBody(text: string): Body {
  return bytesBody(new TextEncoder().encode(text));
}
