import { html } from "hono/html";
import type { Markup } from "../../../web/layout.ts";

/** What the page shows. */
export interface SignInView {
  /** Path of the page to go to afterwards. */
  readonly next: string;
  readonly username?: string;
  /** Why the last attempt failed. */
  readonly refusal?: string | undefined;
  /** The identity provider at which people may sign in too. */
  readonly provider?: { readonly host: string } | undefined;
}

/** The page to sign in at. */
export function renderSignIn(
  { next, username = "", refusal, provider }: SignInView,
): Markup {
  return html`
    <div class="centered">
    <h1>Sign in</h1>
    ${refusal === undefined
      ? ""
      : html`<p class="note" role="alert">${refusal}</p>`}
    ${provider === undefined ? "" : renderProvider(provider.host, next)}
    <form method="post" action="/login" class="panel card">
      <input type="hidden" name="next" value="${next}">
      <label for="username">User name</label>
      ${renderNameField(username, provider === undefined)}
      <label for="key">Access key</label>
      <input id="key" name="key" type="password" required
        autocomplete="current-password">
      <button class="${provider === undefined
        ? "primary"
        : ""}">Sign in</button>
    </form>
    ${provider === undefined ? HINT : ""}
    </div>
  `;
}

const HINT = html`
  <p class="hint">
    No access key yet? On the server, <code>sallyport user add NAME</code>
    creates a user and prints one.
  </p>
`;

/** Where people of a provider sign in, the link to it comes first. */
function renderNameField(username: string, isFirst: boolean): Markup {
  return html`
    <input id="username" name="username" value="${username}" required ${isFirst
      ? "autofocus"
      : ""}
      autocomplete="username" autocapitalize="none" spellcheck="false">
  `;
}

function renderProvider(host: string, next: string): Markup {
  const query = new URLSearchParams({ next });
  return html`
    <p class="panel card">
      <a class="button primary" href="/login/oidc?${String(query)}">Sign in
        at ${host}</a>
    </p>
    <p>Or with an access key:</p>
  `;
}
