/**
 * The frame around every page, of server and client: head, banner, foot.
 *
 * @module
 */
import { html } from "hono/html";

/** Text that is safe to put into a page as it stands. */
export type Markup = ReturnType<typeof html>;

/** What stands in the frame. */
export interface ShellContent {
  readonly title: string;
  readonly main: Markup;
  /** What the banner says besides the product's name. */
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
  { title, main, banner = "", head = "", footer = "", version, base = "" }:
    ShellContent,
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
          <img src="${base}/icon.svg" alt="" width="28" height="28">
          <p class="brand">Sallyport</p>
          ${banner}
        </header>
        <main id="main">${main}</main>
        <footer>
          <p>Sallyport ${version} ${footer}</p>
        </footer>
      </body>
    </html>
  `;
}

/** Stands above a live part: says when it is not live any more, and tells screen readers what changed. */
export function liveNotes(program: "client" | "server"): Markup {
  return html`
    <p id="lost" role="status" hidden>
      The connection to the ${program} is lost, trying again …
    </p>
    <p id="news" role="status" class="unseen"></p>
  `;
}
