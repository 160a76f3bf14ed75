/**
 * The CA that test browsers must trust where TLS is opened: for everybody, as
 * certificates are.
 *
 * @module
 */
import { Hono } from "hono";
import type { UserEnv } from "./authentication.ts";

const PATH = "/public/ca.pem";

/** Where it is, from the page. */
export const BROWSER_CA_URL: string = `rest/v1${PATH}`;

/** `GET /public/ca.pem`. @param pem What it gives. */
export function browserCaRoute(pem: string): Hono<UserEnv> {
  return new Hono<UserEnv>().get(PATH, (context) =>
    context.body(pem, 200, {
      "Content-Type": "application/x-pem-file",
      "Content-Disposition": 'attachment; filename="sallyport-ca.pem"',
    }));
}
