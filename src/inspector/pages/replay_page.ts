/** The page on which a recorded request is edited and sent again. */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import { readForm, renderFieldError } from "../../web/components/form.ts";
import { type Markup, renderBreadcrumbs } from "../../web/layout.ts";
import { renderCsrfField } from "../../web/security/csrf_token.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { ExchangeStore } from "../record/exchange_store.ts";
import {
  isReplayable,
  type ReplayForm,
  replayForm,
} from "../replay/replay_form.ts";
import {
  FieldProblem,
  type FilledForm,
  replayRequest,
} from "../replay/replay_request.ts";
import { EXCHANGE_PATH, findExchange } from "./exchange_page.ts";
import { BASE, type InspectorParts, pathOf } from "./layout.ts";

/** `/exchanges/{id}/replay`: `GET` shows the form, `POST` sends the request. */
export function replayRoutes(
  { store, replayer, csrfToken, formLimit, layout }: InspectorParts,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  app.get(`${EXCHANGE_PATH}/replay`, (context) => {
    const record = findReplayable(context, store);
    const main = renderReplayPage(record, String(csrfToken));
    return layout(context, { title: "Edit and resend", main });
  });

  app.post(`${EXCHANGE_PATH}/replay`, async (context) => {
    const record = findReplayable(context, store);
    const form = await readForm(context, formLimit);
    csrfToken.check(form);
    const filled: FilledForm = {
      method: form.get("method") ?? "",
      url: form.get("url") ?? "",
      fields: form.get("fields") ?? "",
      body: form.get("content") ?? "",
    };
    try {
      const request = replayRequest(record, filled);
      const id = replayer.start(request, record);
      return context.redirect(pathOf({ id }), 303);
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem;
      const again = { filled, problem };
      context.status(problem.status);
      const main = renderReplayPage(record, String(csrfToken), again);
      return layout(context, { title: "Edit and resend", main });
    }
  });

  return app;
}

function findReplayable(
  context: Context<ApiEnv>,
  store: ExchangeStore,
): ExchangeRecord {
  const record = findExchange(context, store);
  if (isReplayable(record)) return record;
  throw new Problem(
    400,
    "Cannot send the request again: its bytes were not recorded",
  );
}

/** @param again What was typed, and what is wrong with it. */
function renderReplayPage(
  record: ExchangeRecord,
  csrfToken: string,
  again?: { readonly filled: FilledForm; readonly problem: FieldProblem },
): Markup {
  const recorded = replayForm(record);
  const form = again === undefined ? recorded : {
    ...{ ...recorded, ...again.filled },
    body: recorded.body === undefined ? undefined : again.filled.body,
  };
  const path = pathOf(record);
  const problem = again?.problem;
  const wrong = (field: FieldProblem["field"]) =>
    problem?.field === field
      ? html`
        aria-invalid="true" aria-describedby="${field}-error" autofocus
      `
      : "";
  const errorOf = (field: FieldProblem["field"]) =>
    problem?.field === field
      ? renderFieldError(`${field}-error`, [problem.message])
      : "";
  return html`
    ${renderBreadcrumbs([[BASE, "Traffic"], [path, record.id]], "Resend")}
    <h1>Edit and resend</h1>
    <form method="post" action="${path}/replay" class="panel card replay">
          <p class="hint">
            The request passes this client's rules and plugins. Secrets are shown as
            xxxxx. If you leave them unchanged, the recorded values are sent, but
            only to the same site.
          </p>
          ${renderCsrfField(csrfToken)}
          <label for="method">Method</label>
          <input id="method" name="method" value="${form.method}" required
            autocapitalize="none" spellcheck="false"${wrong("method")}>
          ${errorOf("method")}
          <label for="url">URL</label>
          <input id="url" name="url" value="${form.url}" required
            autocapitalize="none" spellcheck="false"${wrong("url")}>
          ${errorOf("url")}
          <label for="fields">Header fields, one per line</label>
          ${renderTextArea("fields", form.fields, wrong("fields"))}
          ${errorOf("fields")}
      ${renderBody(form)}
          <p class="actions">
            <button class="primary">Send</button>
            <a class="button" href="${path}">Cancel</a>
          </p>
        </form>
  `;
}

function renderBody({ body, note }: ReplayForm): Markup {
  const hint = note === undefined ? "" : html`<p class="hint">${note}</p>`;
  if (body === undefined) return html`${hint}`;
  return html`
    <label for="content">Body</label>
    ${hint} ${renderTextArea("content", body)}
  `;
}

/** Browsers drop a newline right after the tag (WHATWG HTML §13.1.2.5), so one is added. */
function renderTextArea(
  name: string,
  text: string,
  attributes: Markup | "" = "",
): Markup {
  return html`
    <textarea id="${name}" name="${name}" rows="10"
      spellcheck="false" ${attributes}>${"\n" + text}</textarea>
  `;
}
