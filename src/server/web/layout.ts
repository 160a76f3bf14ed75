/**
 * The frame around every page of the server, with who is signed in.
 *
 * @module
 */
import { html } from "hono/html";
import { formTokenField } from "../../web/form.ts";
import { type Markup, type PageLink, renderShell } from "../../web/shell.ts";

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
  /** Path of the page. */
  readonly path: string;
}

/** What a page puts into the frame. */
export interface PageContent {
  readonly title: string;
  readonly main: Markup;
  /** Whether the page has charts. */
  readonly charts?: boolean;
}

/** Pages in the banner, with the paths that they lead to: those for everybody, and those for admins. */
const PAGES: readonly Section[] = [
  ["/", "Tunnels", /^\/(?:tunnels|stop-my-tunnels|$)/],
  ["/keys", "Keys", /^\/keys/],
];
const ADMIN_PAGES: readonly Section[] = [
  ["/users", "Users", /^\/users/],
  ["/audit", "Audit", /^\/audit/],
];

type Section = readonly [path: string, name: string, below: RegExp];

/** A whole page. */
export function renderLayout(
  viewer: Viewer,
  { title, main, charts = false }: PageContent,
): Markup {
  const isKnown = viewer.user !== undefined;
  return renderShell({
    title,
    main,
    home: "/",
    pages: isKnown ? linksOf(viewer) : [],
    banner: isKnown ? renderViewer(viewer) : "",
    head: html`${charts ? CHART_ASSETS : ""}${SCRIPT}`,
    version: viewer.version,
    footer: isKnown ? API_LINK : "",
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

function linksOf({ path: shown, isAdmin }: Viewer): readonly PageLink[] {
  return [...PAGES, ...isAdmin ? ADMIN_PAGES : []].map((
    [path, name, below],
  ) => ({
    path,
    name,
    current: path === shown ? "page" : below.test(shown) ? "true" : undefined,
  }));
}

function renderViewer({ user, formToken }: Viewer): Markup {
  return html`
    <div class="viewer">
      <p><span>Signed in as</span> <b>${user}</b></p>
      <form method="post" action="/logout">
        ${formTokenField(formToken)}
        <button>Sign out</button>
      </form>
    </div>
  `;
}
