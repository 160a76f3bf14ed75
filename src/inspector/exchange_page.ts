/**
 * One exchange: what was asked, what plugins changed, what was answered.
 *
 * @module
 */
import { html } from "hono/html";
import type { Fields } from "../http/fields.ts";
import { statusText } from "../http/status_text.ts";
import { hideInField } from "../log/http_message.ts";
import { sizeText } from "../web/number_text.ts";
import { liveNotes, type Markup } from "../web/shell.ts";
import type { ExchangeRecord } from "./exchange_record.ts";
import {
  clockText,
  lookOf,
  millisecondsText,
  statusTextOf,
} from "./exchange_text.ts";
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
    <p class="trail"><a href="${BASE}">Traffic</a> › ${record.id}</p>
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
    ${renderFacts(record)} ${renderEdits(record)}
    <h2>Request</h2>
    ${renderFields(request.fields, "Request fields")} ${renderContent(
      shownContent(requestContent, request.fields),
    )}
    <h2>Answer</h2>
    ${response === undefined
      ? html`<p class="hint">There is none yet.</p>`
      : html`${renderFields(response.fields, "Answer fields")} ${
        renderContent(shownContent(responseContent, response.fields))
      }`}
  `;
}

function renderFacts(record: ExchangeRecord): Markup {
  const { response, startedAt, duration, replayOf, flow } = record;
  const words = response === undefined ? "" : statusText(response.status);
  const facts: readonly (readonly [string, string | Markup])[] = [
    [
      "Status",
      html`<span class="state ${lookOf(record)}">${
        statusTextOf(record, words)
      }</span>`,
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
  return html`
    <dl class="facts">
      ${facts.map(([name, value]) =>
        html`
          <div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>
        `
      )}
    </dl>
  `;
}

function renderEdits({ edits }: ExchangeRecord): Markup | "" {
  if (edits.length === 0) return "";
  return html`
    <h2>Changed by plugins</h2>
    ${edits.map((edit) =>
      html`
        <h3>${edit.plugin}, ${edit.hook}</h3>
        <ul class="edits">
          ${editLines(edit).map((line) => html`<li><code>${line}</code></li>`)}
        </ul>
      `
    )}
  `;
}

function renderFields(fields: Fields, label: string): Markup {
  if (fields.size === 0) {
    return html`
      <p class="hint">No fields.</p>
    `;
  }
  return html`
    <dl class="fields" aria-label="${label}">
      ${Array.from(fields, ([name, value]) =>
        html`
          <dt>${name}</dt>
          <dd><code>${hideInField(name, value)}</code></dd>
        `)}
    </dl>
  `;
}

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
