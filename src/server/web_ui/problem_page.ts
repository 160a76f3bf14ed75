/**
 * What went wrong, as a page for people and as JSON for programs.
 *
 * @module
 */
import type { Context } from "hono";
import { html } from "hono/html";
import { Problem, problemResponse } from "../../api/problem.ts";
import { renderLayout } from "./layout.ts";

/** Answers errors of pages. */
export function pageProblem(
  version: string,
): (error: Error, context: Context) => Response | Promise<Response> {
  return function answer(error, context) {
    const isForPeople = context.req.header("accept")?.includes("text/html");
    if (!(error instanceof Problem) || !isForPeople) {
      return problemResponse(error);
    }
    const viewer = { user: undefined, formToken: "", isAdmin: false, version };
    const main = html`
      <h1>That did not work</h1>
      <p class="error" role="alert">${error.message}.</p>
      <p><a class="button" href="/">Back to the tunnels</a></p>
    `;
    const page = renderLayout(viewer, { title: "Error", main });
    return context.html(page, error.status, { ...error.headers });
  };
}
