/** The layout of the server's pages, with the files that only they load. */
import { html } from "hono/html";
import chartCss from "uplot/dist/uPlot.min.css" with { type: "text" };
import chartLibrary from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import type { Asset } from "../../web/assets.ts";
import {
  type Layout,
  type Markup,
  type PageLink,
  renderLayout,
} from "../../web/layout.ts";
import { renderCsrfField } from "../../web/security/csrf_token.ts";
import type { PageEnv } from "./session/sign_in.ts";
import charts from "./tunnels/charts.js" with { type: "text" };

/** Responds with a page of the server. */
export type ServerLayout = Layout<PageEnv>;

/** Files for pages with charts. They are public. */
export const SERVER_ASSETS: readonly Asset[] = [
  ["/charts.js", charts, "text/javascript; charset=utf-8"],
  ["/uplot.css", chartCss, "text/css; charset=utf-8"],
  ["/uplot.js", chartLibrary, "text/javascript; charset=utf-8"],
];

const CHART_ASSETS = html`
  <link rel="stylesheet" href="/uplot.css">
  <script src="/uplot.js"></script>
  <script src="/charts.js" type="module"></script>
`;

/** Path of the page about the REST API. */
export const API_PAGE = "/docs";

const USER_LINKS: readonly PageLink[] = [
  {
    path: "/",
    name: "Tunnels",
    section: /^\/(?:tunnels|stop-my-tunnels|$)/,
  },
  { path: "/keys", name: "Keys", section: /^\/keys/ },
];
const ADMIN_LINKS: readonly PageLink[] = [
  { path: "/users", name: "Users", section: /^\/users/ },
  { path: "/audit", name: "Audit" },
  { path: "/certificates", name: "Certificates" },
];

/** The layout of all pages. It shows links and user name only after sign-in. */
export function serverLayout(
  { version, isAdmin }: {
    readonly version: string;
    readonly isAdmin: (user: string) => boolean;
  },
): ServerLayout {
  return function layout(context, { charts = false, ...page }) {
    // `undefined` on the sign-in page, and on error pages without a session.
    const user: string | undefined = context.get("user");
    const isSignedIn = user !== undefined;
    return context.html(renderLayout({
      ...page,
      version,
      path: context.req.path,
      links: isSignedIn
        ? [...USER_LINKS, ...isAdmin(user) ? ADMIN_LINKS : []]
        : [],
      banner: isSignedIn ? renderUser(user, context.get("csrfToken")) : "",
      head: charts ? CHART_ASSETS : "",
      footer: isSignedIn ? API_LINK : "",
    }));
  };
}

const API_LINK = html`· <a href="${API_PAGE}">REST API</a>`;

function renderUser(user: string, csrfToken: string): Markup {
  return html`
    <div class="account">
      <p><span>Signed in as</span> <b>${user}</b></p>
      <form method="post" action="/logout">
        ${renderCsrfField(csrfToken)}
        <button>Sign out</button>
      </form>
    </div>
  `;
}
