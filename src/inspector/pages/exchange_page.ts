/**
 * One exchange: what was asked, what plugins changed, what was answered.
 *
 * @module
 */
import { html } from "hono/html";
import type { Fields } from "../../http/fields.ts";
import { statusText } from "../../http/status_text.ts";
import { hideInField } from "../../log/http_message.ts";
import {
  type Fact,
  renderFacts,
  renderFields,
} from "../../web/description_list.ts";
import { sizeText } from "../../web/number_text.ts";
import { liveNotes, type Markup } from "../../web/shell.ts";
import { renderSection } from "../../web/section.ts";
import { renderState } from "../../web/state_mark.ts";
import { renderTrail } from "../../web/breadcrumbs.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import {
  clockText,
  lookOf,
  millisecondsText,
  statusTextOf,
} from "../record/exchange_text.ts";
import type { KeptContent } from "../record/captured_body.ts";
import { BASE, pathOf } from "./paths.ts";
import { isReplayable } from "./replay_form.ts";
import { shownContent } from "./shown_content.ts";
import { editLines } from "./shown_edits.ts";

/** The page of an exchange; `live` is kept live. */
export function renderExchangePage(
  record: ExchangeRecord,
  live: Markup,
): Markup {
  const { request, shownUrl } = record;
  const path = pathOf(record);
  return html`
    ${renderTrail([[BASE, "Traffic"]], record.id)}
    <h1 class="exchange">${request.method} ${shownUrl}</h1>
    ${liveNotes("client")}
    <p class="choices">
      ${isReplayable(record)
        ? html`
          <a class="button" href="${path}/replay">Edit and resend …</a>
          <a class="button" href="${path}/export.har" download>Export HAR</a>
        `
        : ""}
    </p>
    <div id="live" data-events="${path}/events">${live}</div>
  `;
}

/** The part that is kept live. */
export function renderExchangeLive(record: ExchangeRecord): Markup {
  const { request, response, requestContent, responseContent } = record;
  return html`
    ${renderFacts(factsOf(record))} ${renderEdits(record)}
    <h2>Request</h2>
    ${renderMessage(request.fields, requestContent)}
    ${renderSection("Answer", {
      content: response && renderMessage(response.fields, responseContent),
      none: "There is none yet.",
    })}
  `;
}

function factsOf(record: ExchangeRecord): readonly Fact[] {
  const { response, startedAt, duration, replayOf, flow } = record;
  const words = response === undefined ? "" : statusText(response.status);
  return [
    [
      "Status",
      renderState(lookOf(record), statusTextOf(record, words)),
    ],
    ["Started", clockText(startedAt)],
    [
      "Until the answer",
      response === undefined ? "–" : millisecondsText(response.after),
    ],
    ["Until the end", millisecondsText(duration)],
    ["Sent", sizeText(flow?.sent ?? record.requestContent?.total ?? 0)],
    ["Received", sizeText(record.received)],
    ...replayOf === undefined ? [] : [
      [
        "Replay of",
        html`<a href="${pathOf({ id: replayOf })}">${replayOf}</a>`,
      ] as const,
    ],
  ];
}

function renderEdits({ edits }: ExchangeRecord): Markup | "" {
  if (edits.length === 0) return "";
  return html`
    <h2>Changed by plugins</h2>
    ${edits.map((edit) =>
      html`
        <h3>${edit.plugin}, ${edit.hook}</h3>
        <ul class="edits">
          ${editLines(edit).map(renderEdit)}
        </ul>
      `
    )}
  `;
}

/** What was added is green, what was taken away red, as everywhere. */
const EDIT_LOOKS: Readonly<Record<string, string>> = {
  "+": "added",
  "−": "removed",
};

function renderEdit(line: string): Markup {
  return html`<li class="${
    EDIT_LOOKS[line.charAt(0)] ?? ""
  }"><code>${line}</code></li>`;
}

function renderMessage(
  fields: Fields,
  content: KeptContent | undefined,
): Markup {
  const lines = Array.from(
    fields,
    ([name, value]) =>
      [name, html`<code>${hideInField(name, value)}</code>`] as const,
  );
  return html`${lines.length === 0 ? NO_FIELDS : renderFields(lines)} ${
    renderContent(shownContent(content, fields))
  }`;
}

const NO_FIELDS = html`<p class="hint">No fields.</p>`;

function renderContent(shown: ReturnType<typeof shownContent>): Markup {
  if (shown === undefined) {
    return html`
      <p class="hint">No content.</p>
    `;
  }
  return html`
    ${shown.note === undefined ? "" : html`<p class="hint">${shown.note}</p>`}
    ${shown.text === undefined ? "" : html`
      <div class="command content">
        <pre tabindex="0"><code>${shown.text}</code></pre>
      </div>
    `}
  `;
}
