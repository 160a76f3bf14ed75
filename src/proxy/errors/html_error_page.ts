/**
 * The page about a failure for people. It stands at the address of a site: it
 * loads nothing, runs nothing, and repeats what a stranger sent only as text.
 */
import { createHash } from "node:crypto";
import type { Fields } from "../../http/fields.ts";
import { trimOws } from "../../http/tokens.ts";
import css from "./error_page.css" with { type: "text" };
import { adviceFor, type ErrorAdvice } from "./error_advice.ts";

/** What the page says. All of it may come from strangers. */
export interface ErrorPageFacts {
  /** The program that says it. */
  readonly component: string;
  readonly status: number;
  /** The word for the failure. */
  readonly reason: string;
  /** What is wrong. */
  readonly message: string;
  /** More about it; may be empty. */
  readonly detail: string;
  /** The id of the request in the log of that program. */
  readonly id: string | undefined;
  /** URL of the tunnel's page, for a person who may see it. */
  readonly tunnelPage: string | undefined;
}

/** Nothing but the style of this page. Frames may show it: it explains an empty frame, and has no buttons. */
export const ERROR_PAGE_POLICY: string =
  `default-src 'none'; style-src 'sha256-${
    createHash("sha256").update(css).digest("base64")
  }'; base-uri 'none'; form-action 'none'`;

/** What a browser shows as a page of its own, or in a frame (Fetch Metadata). */
const SHOWN: ReadonlySet<string> = new Set([
  "document",
  "embed",
  "frame",
  "iframe",
  "object",
]);

/** Whether a person will see the response to a request with these fields. Programs and scripts get text. */
export function wantsErrorPage(fields: Fields): boolean {
  const shownAs = fields.get("sec-fetch-dest");
  if (shownAs !== undefined && !SHOWN.has(shownAs)) return false;
  const accepted = fields.getList("accept") ?? "";
  return accepted.toLowerCase().split(",").some(isHtml);
}

/** @param range One of a list, in lower case (RFC 9110 §12.5.1): weight 0 means "not this". */
function isHtml(range: string): boolean {
  const [type, ...parameters] = range.split(";").map(trimOws);
  return type === "text/html" &&
    !parameters.some((each) => /^q=0(?:\.0*)?$/.test(each));
}

/** The page as text. */
export function renderErrorPage(facts: ErrorPageFacts): string {
  const { component, status, reason, message, detail } = facts;
  const known = adviceFor(reason);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(known?.title ?? "The request failed")} · Sallyport</title>
<style>${css}</style>
<main>
${renderFault(known)}<h1>${escape(known?.title ?? "The request failed")}</h1>
<p>${escape(message)}.</p>
${detail === "" ? "" : `<p class="cause">${escape(detail)}</p>\n`}${
    renderRemedies(known)
  }<dl>
<dt>Reported by</dt><dd>${escape(speakerOf(component))}</dd>
<dt>Status</dt><dd>${status}, <code>${escape(reason)}</code></dd>
${renderPlaces(facts)}</dl>
</main>
</html>
`;
}

function renderFault(known: ErrorAdvice | undefined): string {
  if (known === undefined) return "";
  return `<p class="fault">The cause: ${escape(known.fault)}</p>\n`;
}

function renderRemedies(known: ErrorAdvice | undefined): string {
  if (known === undefined) return "";
  const items = known.remedies.map((each) => `<li>${escape(each)}.</li>`);
  return `<h2>What to try</h2>\n<ol>\n${items.join("\n")}\n</ol>\n`;
}

/** Where there is more about it. */
function renderPlaces(
  { component, id, tunnelPage }: ErrorPageFacts,
): string {
  const log = component.replace("sallyport ", "the ");
  return (id === undefined
    ? ""
    : `<dt>Log</dt><dd><code>id=${escape(id)}</code> in the log of ${
      escape(log)
    }</dd>\n`) +
    (tunnelPage === undefined
      ? ""
      : `<dt>Tunnel</dt><dd><a href="${
        escape(tunnelPage)
      }" rel="noreferrer">Its page, with its latest errors</a></dd>\n`);
}

function speakerOf(component: string): string {
  return component === "sallyport client"
    ? "The Sallyport client, which connects to the site"
    : "The Sallyport server, which carries the request to the client";
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for content and for values in quotes. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? each);
}
