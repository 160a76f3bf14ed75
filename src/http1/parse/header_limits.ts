/** How large a start line with its fields may be. */
export interface HeaderLimits {
  /** Bytes of the start line and the fields together. */
  readonly maxHeaderBytes: number;
  /** Field lines. Each costs memory and a look-up in every rule. */
  readonly maxFields: number;
}

/** Limits of a request: twice what most origins accept. Browsers send up to 40 lines. */
export const REQUEST_LIMITS: HeaderLimits = {
  maxHeaderBytes: 64 * 1024,
  maxFields: 256,
};

/**
 * Limits of a response. Chromium takes 256 KiB (`kMaxHeaderBufSize`) and counts
 * no lines; more lines than these have no use.
 */
export const RESPONSE_LIMITS: HeaderLimits = {
  maxHeaderBytes: 256 * 1024,
  maxFields: 4096,
};

/** The same in octets of HTTP/2, which counts 32 more for each field (RFC 9113 §6.5.2). */
export function fieldSectionSize(
  { maxHeaderBytes, maxFields }: HeaderLimits,
): number {
  return maxHeaderBytes + 32 * maxFields;
}
