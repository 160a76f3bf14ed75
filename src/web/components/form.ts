import type { Context } from "hono";
import { html } from "hono/html";
import { Problem } from "../../api/serving/problem.ts";
import type { Markup } from "../layout.ts";

/** Longest form by default, in bytes. Most have a few short fields. */
const MAX_FORM = 16_384;

/**
 * Reads the form that a browser has sent.
 *
 * @param limit Its greatest length, in bytes.
 * @throws {Problem} 415 for another content type, 413 when it is too long.
 */
export async function readForm(
  { req }: Pick<Context, "req">,
  limit: number = MAX_FORM,
): Promise<URLSearchParams> {
  const type = req.header("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    throw new Problem(415, "Cannot read the request: it is not a form");
  }
  if (Number(req.header("content-length") ?? Infinity) > limit) {
    throw new Problem(413, "Cannot read the form: it is too long");
  }
  // Hono keeps the text, so the form can be read more than once.
  return new URLSearchParams(await req.text());
}

/** The attributes of a field with an error of this id, if there is one. */
export function invalidIf(isWrong: boolean, id: string): Markup | "" {
  return isWrong
    ? html`
      aria-invalid="true" aria-describedby="${id}"
    `
    : "";
}

/** What is wrong with a field, below it. @param problems Sentences without full stops. */
export function renderFieldError(
  id: string,
  problems: readonly string[],
): Markup | "" {
  if (problems.length === 0) return "";
  return html`<span id="${id}" class="field-error" role="alert">${
    problems.map((each) => `${each}.`).join(" ")
  }</span>`;
}

/** A value that a form sends, and what it means. */
export type Choice<Value extends string = string> = readonly [
  value: Value,
  text: string,
];

/** The options of a `select`. */
export function renderOptions(
  choices: readonly Choice[],
  selected: string,
): readonly Markup[] {
  return choices.map(([value, text]) =>
    html`<option value="${value}" ${
      value === selected ? "selected" : ""
    }>${text}</option>`
  );
}
