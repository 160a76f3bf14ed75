import { html } from "hono/html";
import type { Markup } from "../../../web/layout.ts";

/** The page after a sign-in at the identity provider. Browsers leave it at once. */
export function renderSignedIn(
  { user, next }: {
    readonly user: string;
    /** Path of the page to go to. */
    readonly next: string;
  },
): Markup {
  return html`
    <div class="centered">
      <h1>Signed in</h1>
      <p class="note" role="status">You are signed in as <b>${user}</b>.</p>
      <p><a class="button primary" href="${next}">Continue</a></p>
    </div>
  `;
}
