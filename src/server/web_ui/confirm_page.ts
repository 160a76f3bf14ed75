/**
 * The question before something is stopped or removed.
 *
 * @module
 */
import { html } from "hono/html";
import { MAX_DRAIN_TIMEOUT } from "../../api/tunnel_queries.ts";
import { formTokenField } from "../../web/form.ts";
import type { Markup } from "../../web/shell.ts";

/** Longest wait for running jobs. */
const MAX_MINUTES: number = MAX_DRAIN_TIMEOUT / 60;

/** What is asked. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** Where the answer is sent. */
  readonly action: string;
  /** The word on the button. */
  readonly verb: string;
  readonly formToken: string;
  /** Where "Cancel" leads. */
  readonly back: string;
  /** Whether running jobs may finish is a choice. */
  readonly withJobs?: boolean;
}

/** A page with one question. */
export function renderQuestion(question: Question): Markup {
  return html`
    <h1>${question.title}</h1>
    <form method="post" action="${question.action}" class="card">
      <p>${question.text}</p>
      ${formTokenField(question.formToken)}
      ${question.withJobs ? WAIT_FOR_JOBS : ""}
      <p class="choices">
        <button class="danger">${question.verb}</button>
        <a class="button" href="${question.back}">Cancel</a>
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
