/**
 * Forms as browsers send them.
 *
 * @module
 */
import type { Context } from "hono";
import { html } from "hono/html";
import { Problem } from "../api/serving/problem.ts";
import type { Markup } from "./shell.ts";

/** Longest form in bytes unless said; most have a few short fields. */
const MAX_FORM = 16_384;

/**
 * Reads a form.
 *
 * @param limit Its longest length, in bytes.
 * @throws {Problem} When it is no form, or too long.
 */
export async function readForm(
  { req }: Pick<Context, "req">,
  limit: number = MAX_FORM,
): Promise<URLSearchParams> {
  const type = req.header("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    throw new Problem(415, "Cannot read the request: it is no form");
  }
  if (Number(req.header("content-length") ?? Infinity) > limit) {
    throw new Problem(413, "Cannot read the form: it is too long");
  }
  // Hono remembers the text, so that it can be read again.
  return new URLSearchParams(await req.text());
}

/** What every form that changes something carries. */
export function formTokenField(token: string): Markup {
  return html`<input type="hidden" name="token" value="${token}">`;
}
