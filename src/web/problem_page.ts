/**
 * What went wrong, as a page for people and as JSON for programs.
 *
 * @module
 */
import type { Context } from "hono";
import { html } from "hono/html";
import { Problem, problemResponse } from "../api/problem.ts";
import { renderShell, type ShellContent } from "./shell.ts";

/** How the page of an error looks. */
export interface ProblemPageOptions
  extends Pick<ShellContent, "version" | "base"> {
  /** Where to go from there. */
  readonly back: { readonly path: string; readonly text: string };
}

/** Answers errors of pages. */
export function pageProblem(
  { back, ...shell }: ProblemPageOptions,
): (error: Error, context: Context) => Response | Promise<Response> {
  return function answer(error, context) {
    const isForPeople = context.req.header("accept")?.includes("text/html");
    if (!(error instanceof Problem) || !isForPeople) {
      return problemResponse(error);
    }
    const main = html`
      <h1>That did not work</h1>
      <p class="error" role="alert">${error.message}.</p>
      <p><a class="button" href="${back.path}">${back.text}</a></p>
    `;
    const page = renderShell({ ...shell, title: "Error", main });
    return context.html(page, error.status, { ...error.headers });
  };
}
