import type { Fields } from "./fields.ts";
import { withoutHopByHop } from "./hop_by_hop.ts";

/** Fields that frame, route or authorise a message, or say how to read its content: too late there. */
const FORBIDDEN: readonly string[] = [
  "authorization",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "host",
  "proxy-authorization",
  "set-cookie",
];

/**
 * The trailer fields that may be passed on (RFC 9110 §6.5.1): none that would
 * change what the message was taken for.
 *
 * @param trailers Left as they are.
 * @returns `undefined` when there are none.
 */
export function allowedTrailers(
  trailers: Fields | undefined,
): Fields | undefined {
  if (trailers === undefined) return undefined;
  const allowed = withoutHopByHop(trailers);
  for (const name of FORBIDDEN) allowed.delete(name);
  return allowed.size === 0 ? undefined : allowed;
}
