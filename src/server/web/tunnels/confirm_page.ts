/**
 * The question before something is stopped or removed.
 *
 * @module
 */
import { html } from "hono/html";
import { MAX_DRAIN_TIMEOUT } from "../../../api/resources/tunnel_queries.ts";
import { formTokenField } from "../../../web/form.ts";
import type { Markup } from "../../../web/shell.ts";
import { renderTrail, type Step } from "../../../web/breadcrumbs.ts";

/** Longest wait for running jobs. */
const MAX_MINUTES: number = MAX_DRAIN_TIMEOUT / 60;

/** What is asked. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** The pages above; the last one is where "Cancel" leads. */
  readonly above: readonly [...Step[], Step];
  /** Where the answer is sent. */
  readonly action: string;
  /** The words on the button. */
  readonly verb: string;
  readonly formToken: string;
  /** Whether running jobs may finish is a choice. */
  readonly withJobs?: boolean;
}

/** A page with one question. */
export function renderQuestion(question: Question): Markup {
  const { title, text, above, action, verb, formToken, withJobs } = question;
  const [back] = above.at(-1) ?? ["/"];
  return html`
    ${renderTrail(above, verb)}
    <h1>${title}</h1>
    <form method="post" action="${action}" class="panel card">
      <p>${text}</p>
      ${formTokenField(formToken)} ${withJobs ? WAIT_FOR_JOBS : ""}
      <p class="choices">
        <button class="main danger">${verb}</button>
        <a class="button" href="${back}">Cancel</a>
      </p>
    </form>
  `;
}

const WAIT_FOR_JOBS = html`
  <p>
    <label><input type="checkbox" name="wait" checked>
      Let running jobs finish first</label>
  </p>
  <p>
    <label>For at most
      <input type="number" name="minutes" min="1" max="${MAX_MINUTES}"
        value="${MAX_MINUTES}" required>
      minutes, then they are cut off</label>
  </p>
`;
