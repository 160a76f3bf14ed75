/** The layout of every page, of server and client: head, banner, footer. */
import type { Context, Env } from "hono";
import { html } from "hono/html";

/** Escaped HTML. */
export type Markup = ReturnType<typeof html>;

/** What differs from page to page. */
export interface PageContent {
  readonly title: string;
  readonly main: Markup;
  /** Whether the page has charts; only the server's pages have some. */
  readonly charts?: boolean;
}

/** Responds with a page in the layout of one program. */
export type Layout<E extends Env> = (
  context: Context<E>,
  page: PageContent,
) => Response | Promise<Response>;

/** A link in the banner. */
export interface PageLink {
  readonly path: string;
  readonly name: string;
  /** Paths of the pages that this link leads to. */
  readonly section?: RegExp;
}

/** What fills the layout. */
export interface LayoutOptions extends PageContent {
  /** Path of this page: its link in the banner is marked. */
  readonly path: string;
  readonly links: readonly PageLink[];
  /** Text in the banner, after the links. */
  readonly banner?: Markup | "";
  /** Styles and scripts besides the shared ones. */
  readonly head?: Markup | "";
  /** Text in the footer, after the program's version. */
  readonly footer?: Markup | "";
  /** The program's version. */
  readonly version: string;
  /** Path prefix of `assetRoutes()`, without a trailing slash. */
  readonly base?: string;
}

/** A whole page. */
export function renderLayout(options: LayoutOptions): Markup {
  const { title, main, version, base = "" } = options;
  const { banner = "", head = "", footer = "" } = options;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${title} · Sallyport</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="${base}/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="${base}/page.css">
        <script src="${base}/live.js" type="module"></script>
        ${head}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <a class="brand" href="/"><img src="${base}/icon.svg" alt=""
              width="28" height="28">Sallyport</a>
          ${renderLinks(options)} ${banner}
        </header>
        <main id="main">${main}</main>
        <footer>
          <p>Sallyport ${version} ${footer}</p>
        </footer>
        <p id="announcement" role="status" class="visually-hidden"></p>
      </body>
    </html>
  `;
}

function renderLinks(
  { links, path: shown }: Pick<LayoutOptions, "links" | "path">,
): Markup | "" {
  if (links.length === 0) return "";
  return html`
    <nav aria-label="Pages">
      ${links.map(({ path, name, section }) => {
        if (path === shown) {
          return html`<a href="${path}" aria-current="page">${name}</a>`;
        }
        return section?.test(shown)
          ? html`<a href="${path}" aria-current="true">${name}</a>`
          : html`<a href="${path}">${name}</a>`;
      })}
    </nav>
  `;
}

/** A page above the current one. */
export type Breadcrumb = readonly [path: string, name: string];

/** `Tunnels › lab › Stop` */
export function renderBreadcrumbs(
  parents: readonly Breadcrumb[],
  current: string,
): Markup {
  return html`<p class="breadcrumbs">${
    parents.map(([path, name]) =>
      html`
        <a href="${path}">${name}</a> ›
      `
    )
  }${current}</p>`;
}

/** Hidden notes above a live part. `live.js` shows them when updates stop. */
export function renderLiveNotes(program: "client" | "server"): Markup {
  return html`
    <p id="lost" class="note" role="status" hidden>
      The connection to the ${program} is lost, trying again …
    </p>
    <p id="refused" class="note" role="status" hidden>
      You are signed out, or this page is gone. <a href="">Reload it</a>
    </p>
  `;
}
