/**
 * What went wrong, as a page for people and as JSON for programs.
 *
 * @module
 */
import type { Context, Env } from "hono";
import { html } from "hono/html";
import { Problem, problemResponse } from "../api/serving/problem.ts";
import type { Markup } from "./shell.ts";

/** How the page of an error looks. */
export interface ProblemPageOptions<E extends Env> {
  /** Answers with a page. */
  readonly frame: (
    context: Context<E>,
    page: { readonly title: string; readonly main: Markup },
  ) => Response | Promise<Response>;
  /** Where to go from there. */
  readonly back: { readonly path: string; readonly text: string };
}

/** Answers errors of pages. */
export function pageProblem<E extends Env>(
  { frame, back }: ProblemPageOptions<E>,
): (error: Error, context: Context<E>) => Response | Promise<Response> {
  return function answer(error, context) {
    const isForPeople = context.req.header("accept")?.includes("text/html");
    if (!(error instanceof Problem) || !isForPeople) {
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
    return frame(context, { title: "Error", main });
  };
}
