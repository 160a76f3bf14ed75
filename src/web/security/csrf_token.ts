import { createHmac, randomBytes } from "node:crypto";
import { html } from "hono/html";
import { isSameSecret } from "../../api/serving/same_secret.ts";
import { Problem } from "../../api/serving/problem.ts";
import type { Markup } from "../layout.ts";

/** What the key of the HMAC is used for: another use has another word. */
const USE = "form";

/**
 * A secret that every form carries. Pages of other sites do not know it, so they
 * cannot send a form (cross-site request forgery).
 */
export class CsrfToken {
  readonly #token: string;

  /**
   * @param secret The secret of the browser's cookie, 256 random bits. The token
   * is HMAC-SHA-256 of it (RFC 2104), so every event loop that gets the cookie
   * knows the token, and nobody keeps it. Default: a new random one.
   */
  constructor(secret: string | Uint8Array = randomBytes(32)) {
    this.#token = createHmac("sha256", secret).update(USE).digest("hex");
  }

  /** The value that a form carries. */
  toString(): string {
    return this.#token;
  }

  /** Refuses forms without the token. @throws {Problem} 403. */
  check(form: URLSearchParams): void {
    if (isSameSecret(form.get("token") ?? "", this.#token)) return;
    throw new Problem(
      403,
      "Cannot accept the form: its token is not valid, load the page again",
    );
  }
}

/** The hidden field of a form that carries the token. */
export function renderCsrfField(token: string): Markup {
  return html`<input type="hidden" name="token" value="${token}">`;
}
