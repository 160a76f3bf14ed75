/** Header sections that an option may allow. Browsers need the least; the wire between client and server carries the most. */
export const HEADER_SIZES = { min: 8 * 1024, max: 512 * 1024 } as const;

/** The same for the number of fields. */
export const HEADER_COUNTS = { min: 64, max: 8192 } as const;
