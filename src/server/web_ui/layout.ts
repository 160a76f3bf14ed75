/**
 * The frame around every page of the server, with who is signed in.
 *
 * @module
 */
import { html } from "hono/html";
import { formTokenField } from "../../web/form.ts";
import { type Markup, renderShell } from "../../web/shell.ts";

/** The page about the REST API. */
export const API_PAGE = "/docs";

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

/** Pages in the banner: those for everybody, and those for admins. */
const PAGES: readonly Link[] = [["/", "Tunnels"], ["/keys", "Keys"]];
const ADMIN_PAGES: readonly Link[] = [["/users", "Users"], ["/audit", "Audit"]];

type Link = readonly [path: string, name: string];

/** A whole page. */
export function renderLayout(
  viewer: Viewer,
  { title, main, charts = false }: PageContent,
): Markup {
  return renderShell({
    title,
    main,
    banner: viewer.user === undefined ? "" : renderNavigation(viewer),
    head: html`${charts ? CHART_ASSETS : ""}${SCRIPT}`,
    version: viewer.version,
    footer: viewer.user === undefined ? "" : API_LINK,
  });
}

const SCRIPT = html`
  <script src="/page.js" type="module"></script>
`;

const API_LINK = html`· <a href="${API_PAGE}">REST API</a>`;

const CHART_ASSETS = html`
  <link rel="stylesheet" href="/chart.css">
  <script src="/chart.js"></script>
`;

function renderNavigation({ user, formToken, isAdmin }: Viewer): Markup {
  const pages = [...PAGES, ...isAdmin ? ADMIN_PAGES : []];
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
