/**
 * What the forms of the inspector carry, so that no other page can send one
 * (CSRF): known to pages that were read from here, and to nobody else.
 *
 * @module
 */
import { isSameSecret } from "../../api/serving/same_secret.ts";
import { Problem } from "../../api/serving/problem.ts";

/** The token of one inspector. */
export class FormToken {
  readonly #token = crypto.randomUUID();

  /** What a form carries. */
  toString(): string {
    return this.#token;
  }

  /** Refuses forms that do not carry it. @throws {Problem} 403. */
  check(form: URLSearchParams): void {
    if (isSameSecret(form.get("token") ?? "", this.#token)) return;
    throw new Problem(
      403,
      "Cannot accept the form: it was not made by this client, load the page " +
        "again",
    );
  }
}
