/**
 * The frame around every page, of server and client: head, banner, foot.
 *
 * @module
 */
import { html } from "hono/html";

/** Text that is safe to put into a page as it stands. */
export type Markup = ReturnType<typeof html>;

/** A page in the banner. */
export interface PageLink {
  readonly path: string;
  readonly name: string;
  /** Whether it is the page that is shown, or leads to it. */
  readonly current: "page" | "true" | undefined;
}

/** What stands in the frame. */
export interface ShellContent {
  readonly title: string;
  readonly main: Markup;
  /** Where the product's name leads. */
  readonly home: string;
  /** Pages in the banner. */
  readonly pages?: readonly PageLink[];
  /** What the banner says behind them. */
  readonly banner?: Markup | "";
  /** Styles and scripts besides those of all pages. */
  readonly head?: Markup | "";
  /** What the foot says behind the program's version. */
  readonly footer?: Markup | "";
  /** The program's version. */
  readonly version: string;
  /** Path that `assetRoutes()` are under, without a slash at its end. */
  readonly base?: string;
}

/** A whole page. */
export function renderShell(
  {
    title,
    main,
    home,
    pages = [],
    banner = "",
    head = "",
    footer = "",
    version,
    base = "",
  }: ShellContent,
): Markup {
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
          <a class="brand" href="${home}"><img src="${base}/icon.svg" alt=""
              width="28" height="28">Sallyport</a>
          ${pages.length === 0 ? "" : renderPages(pages)} ${banner}
        </header>
        <main id="main">${main}</main>
        <footer>
          <p>Sallyport ${version} ${footer}</p>
        </footer>
        <p id="news" role="status" class="unseen"></p>
      </body>
    </html>
  `;
}

function renderPages(pages: readonly PageLink[]): Markup {
  return html`
    <nav aria-label="Pages">
      ${pages.map(renderPageLink)}
    </nav>
  `;
}

function renderPageLink({ path, name, current }: PageLink): Markup {
  return current === undefined
    ? html`<a href="${path}">${name}</a>`
    : html`<a href="${path}" aria-current="${current}">${name}</a>`;
}

/** Stands above a live part: says when it is not live any more. */
export function liveNotes(program: "client" | "server"): Markup {
  return html`
    <p id="lost" class="note" role="status" hidden>
      The connection to the ${program} is lost, trying again …
    </p>
    <p id="refused" class="note" role="status" hidden>
      You are signed out, or this page is gone. <a href="">Load it again</a>
    </p>
  `;
}
