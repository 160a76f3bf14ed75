/**
 * The page on which a request is edited before it is sent again.
 *
 * @module
 */
import { html } from "hono/html";
import { formTokenField } from "../../web/form.ts";
import type { Markup } from "../../web/shell.ts";
import { renderTrail } from "../../web/breadcrumbs.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { BASE, pathOf } from "./paths.ts";
import { type ReplayForm, replayForm } from "./replay_form.ts";

/** The form. */
export function renderReplayPage(
  record: ExchangeRecord,
  formToken: string,
): Markup {
  const form = replayForm(record);
  const path = pathOf(record);
  return html`
    ${renderTrail([[BASE, "Traffic"], [path, record.id]], "Resend")}
    <h1>Edit and resend</h1>
    <form method="post" action="${path}/replay" class="panel card replay">
          <p class="hint">
            It goes through this client's rules and plugins. A value that is shown as
            xxxxx and left alone is sent as it was recorded, to the same site only.
          </p>
          ${formTokenField(formToken)}
          <label for="method">Method</label>
          <input id="method" name="method" value="${form.method}" required
            autocapitalize="none" spellcheck="false">
          <label for="url">URL</label>
          <input id="url" name="url" value="${form.url}" required
            autocapitalize="none" spellcheck="false">
          <label for="fields">Header fields, one on each line</label>
          ${textArea("fields", form.fields)}
      ${renderContent(form)}
          <p class="choices">
            <button class="main">Send</button>
            <a class="button" href="${path}">Cancel</a>
          </p>
        </form>
  `;
}

function renderContent({ content, note }: ReplayForm): Markup {
  const hint = note === undefined ? "" : html`<p class="hint">${note}</p>`;
  if (content === undefined) return html`${hint}`;
  return html`
    <label for="content">Content</label>
    ${hint} ${textArea("content", content)}
  `;
}

/** A line end right behind the tag belongs to the tag (WHATWG HTML §13.1.2.5): the text follows to the letter. */
function textArea(name: string, text: string): Markup {
  return html`
    <textarea id="${name}" name="${name}" rows="10"
      spellcheck="false">${"\n" + text}</textarea>
  `;
}
