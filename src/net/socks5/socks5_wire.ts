/**
 * The numbers of SOCKS 5 (RFC 1928) and of its user names and passwords
 * (RFC 1929), as both ends use them.
 */

/** The first byte of everything in SOCKS 5. */
export const SOCKS_VERSION = 5;
/** The first byte of a login. */
export const LOGIN_VERSION = 1;

/** Authentication methods (RFC 1928 §3). */
export const Method = {
  NO_LOGIN: 0,
  PASSWORD: 2,
  NONE_ACCEPTABLE: 255,
} as const;

/** Commands (RFC 1928 §4). */
export const SocksCommand = { CONNECT: 1 } as const;

/** How an address is written (RFC 1928 §5). */
export const AddressType = { IPV4: 1, NAME: 3, IPV6: 4 } as const;

/** How it went (RFC 1928 §6). */
export const Reply = {
  SUCCEEDED: 0,
  FAILED: 1,
  NOT_ALLOWED: 2,
  NETWORK_UNREACHABLE: 3,
  HOST_UNREACHABLE: 4,
  REFUSED: 5,
  TIMED_OUT: 6,
  UNKNOWN_COMMAND: 7,
  UNKNOWN_ADDRESS_TYPE: 8,
} as const;

/** One of {@linkcode Reply}. */
export type ReplyCode = (typeof Reply)[keyof typeof Reply];
