import { html } from "hono/html";
import { MAX_DRAIN_TIMEOUT } from "../../api/resources/tunnel_queries.ts";
import {
  type Breadcrumb,
  type Markup,
  renderBreadcrumbs,
} from "../../web/layout.ts";
import { renderCsrfField } from "../../web/security/csrf_token.ts";

/** Longest wait for running jobs. */
const MAX_MINUTES: number = MAX_DRAIN_TIMEOUT / 60;

/** An action that asks for confirmation. */
export interface Confirmation {
  /** The question. */
  readonly title: string;
  /** What the action does. */
  readonly text: string;
  /** The pages above. "Cancel" leads to the last one. */
  readonly parents: readonly [...Breadcrumb[], Breadcrumb];
  /** Where the form is sent. */
  readonly action: string;
  /** The words on the button. */
  readonly verb: string;
  readonly csrfToken: string;
  /** Whether the user may choose to wait for running jobs. */
  readonly withJobs?: boolean;
}

/** The page before something is stopped or removed. */
export function renderConfirmation(confirmation: Confirmation): Markup {
  const { title, text, parents, action, verb } = confirmation;
  const { csrfToken, withJobs } = confirmation;
  const [back] = parents.at(-1) ?? ["/"];
  return html`
    ${renderBreadcrumbs(parents, verb)}
    <h1>${title}</h1>
    <form method="post" action="${action}" class="panel card">
      <p>${text}</p>
      ${renderCsrfField(csrfToken)} ${withJobs ? WAIT_FOR_JOBS : ""}
      <p class="actions">
        <button class="primary danger">${verb}</button>
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
