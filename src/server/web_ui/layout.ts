/**
 * The frame around every page of the server: head, navigation, foot.
 *
 * @module
 */
import { html } from "hono/html";

/** The page about the REST API. */
export const API_PAGE = "/docs";

/** Text that is safe to put into a page as it stands. */
export type Markup = ReturnType<typeof html>;

/** Who looks at a page, and what all pages say. */
export interface Viewer {
  /** Who is signed in; nobody on the page to sign in. */
  readonly user: string | undefined;
  /** What their forms carry. */
  readonly formToken: string;
  /** Whether they see the pages of administrators. */
  readonly isAdmin: boolean;
  /** The server's version. */
  readonly version: string;
}

/** What a page puts into the frame. */
export interface PageContent {
  readonly title: string;
  readonly main: Markup;
  /** Whether the page has charts. */
  readonly charts?: boolean;
}

const ADMIN_PAGES: readonly (readonly [path: string, name: string])[] = [];

/** A whole page. */
export function renderLayout(
  viewer: Viewer,
  { title, main, charts = false }: PageContent,
): Markup {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${title} · Sallyport</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/page.css">
        ${charts ? CHART_ASSETS : ""}
        <script src="/page.js" type="module"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <img src="/icon.svg" alt="" width="28" height="28">
          <p class="brand">Sallyport</p>
          ${viewer.user === undefined ? "" : renderNavigation(viewer)}
        </header>
        <main id="main">${main}</main>
        <footer>
          <p>
            Sallyport ${viewer.version}
            ${viewer.user === undefined ? "" : API_LINK}
          </p>
        </footer>
      </body>
    </html>
  `;
}

const API_LINK = html`· <a href="${API_PAGE}">REST API</a>`;

const CHART_ASSETS = html`
  <link rel="stylesheet" href="/chart.css">
  <script src="/chart.js"></script>
`;

function renderNavigation({ user, formToken, isAdmin }: Viewer): Markup {
  const pages = [
    ["/", "Tunnels"],
    ...isAdmin ? ADMIN_PAGES : [],
  ] as const;
  return html`
    <nav aria-label="Pages">
      ${pages.map(([path, name]) => html`<a href="${path}">${name}</a>`)}
    </nav>
    <p class="user">Signed in as <b>${user}</b></p>
    <form method="post" action="/logout">
      ${formTokenField(formToken)}
      <button>Sign out</button>
    </form>
  `;
}

/** What every form that changes something carries. */
export function formTokenField(token: string): Markup {
  return html`<input type="hidden" name="token" value="${token}">`;
}
