import { html } from "hono/html";
import type { Markup } from "../../../web/layout.ts";

/** The page after a sign-out of somebody who came from an identity provider. */
export function renderSignedOut(
  { host, there }: {
    /** The provider, as people know it. */
    readonly host: string;
    /** The address at which the browser signs out there, if there is one. */
    readonly there: string | undefined;
  },
): Markup {
  return html`
    <div class="centered">
    <h1>Signed out</h1>
    ${there === undefined
      ? html`<p class="note" role="status">You are signed out here. ${host} may
          still have you signed in: sign out there too.</p>`
      : html`
        <p class="note" role="status">You are signed out here, and will be
                  at ${host}.</p>
        <p><a class="button primary" href="${there}">Sign out at ${host}</a></p>
      `}
    <p><a class="button" href="/login">Back to the sign-in</a></p>
    </div>
  `;
}
