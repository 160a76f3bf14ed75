/**
 * `Expect: 100-continue` across a session: the browser keeps its content until
 * the far end begins to read it, so that an origin can refuse it unseen
 * (RFC 9110 §10.1.1).
 *
 * The client sends 100 when the content is first read: the origin requested it,
 * or was silent for too long. The server sends no content before.
 */
import type { Fields } from "../http/fields.ts";
import { hasToken } from "../http/tokens.ts";

/** Whether the sender of a request with these fields waits for a 100 with its content. */
export function expectsContinue(fields: Fields): boolean {
  return hasToken(fields.getList("expect"), "100-continue");
}
