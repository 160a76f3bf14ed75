import type { Context, Env } from "hono";
import { html } from "hono/html";
import { Problem, problemResponse } from "../api/serving/problem.ts";
import type { Layout } from "./layout.ts";

/** How an error is shown. */
export interface ErrorPageOptions<E extends Env> {
  readonly layout: Layout<E>;
  /** The link on the page. */
  readonly back: { readonly path: string; readonly text: string };
}

/** Responds to errors of pages: HTML for browsers, JSON for programs. */
export function errorPages<E extends Env>(
  { layout, back }: ErrorPageOptions<E>,
): (error: Error, context: Context<E>) => Response | Promise<Response> {
  return function respond(error, context) {
    const wantsHtml = context.req.header("accept")?.includes("text/html");
    if (!(error instanceof Problem) || !wantsHtml) {
      return problemResponse(error);
    }
    const main = html`
      <h1>That did not work</h1>
      <p class="note" role="alert">${error.message}.</p>
      <p><a class="button" href="${back.path}">${back.text}</a></p>
    `;
    context.status(error.status);
    for (const [name, value] of Object.entries(error.headers)) {
      context.header(name, value);
    }
    return layout(context, { title: "Error", main });
  };
}
