/** The page of one exchange: request, response, and what plugins changed. */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { Fields } from "../../http/fields.ts";
import { statusText } from "../../http/status_text.ts";
import { hideInField } from "../../log/http_message.ts";
import { renderCommand } from "../../web/components/copyable.ts";
import {
  type Description,
  renderDescriptionGrid,
  renderDescriptionRows,
} from "../../web/components/description_list.ts";
import { renderSection } from "../../web/components/empty_state.ts";
import { renderState } from "../../web/components/state_label.ts";
import {
  formatElapsed,
  formatSize,
  formatTimeOfDay,
} from "../../web/format.ts";
import {
  type Markup,
  renderBreadcrumbs,
  renderLiveNotes,
} from "../../web/layout.ts";
import { harResponse } from "../har/har_file.ts";
import type { CapturedBody } from "../record/captured_body.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { ExchangeStore } from "../record/exchange_store.ts";
import { describeEdit } from "../record/plugin_edits.ts";
import { explanationOf } from "../record/explanation.ts";
import { formatBody } from "../record/format_body.ts";
import { readableBody } from "../record/readable_body.ts";
import { isReplayable } from "../replay/replay_form.ts";
import { copiesOf, lacksBody } from "./copy_as.ts";
import { labelOfStatus } from "./exchange_text.ts";
import { renderPhases } from "./phase_bar.ts";
import { BASE, type InspectorParts, pathOf } from "./layout.ts";

/** Path of the page of an exchange, below the inspector's. */
export const EXCHANGE_PATH = "/exchanges/:id";

/** The exchange of a request. @throws {Problem} 404 when it is not kept. */
export function findExchange(
  { req }: Context<ApiEnv>,
  store: ExchangeStore,
): ExchangeRecord {
  const record = store.find(req.param("id") ?? "");
  if (record !== undefined) return record;
  throw new Problem(
    404,
    "Cannot find the request: it was never recorded, or no longer is",
  );
}

/** `/exchanges/{id}`, its `/events` and its `/export.har`. */
export function exchangeRoutes(
  { store, stream, layout, version }: InspectorParts,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  app.get(EXCHANGE_PATH, (context) => {
    const record = findExchange(context, store);
    const { method, authority } = record.request;
    const main = renderExchangePage(record, {
      live: renderExchangeLive(record),
      ...store.neighboursOf(record),
    });
    return layout(context, { title: `${method} ${authority}`, main });
  });

  // Beside the list. Scripts get it.
  app.get(
    `${EXCHANGE_PATH}/pane`,
    (context) => context.html(renderPane(findExchange(context, store))),
  );

  app.get(`${EXCHANGE_PATH}/events`, (context) => {
    const record = findExchange(context, store);
    return stream(context, onceEnded(record), {
      changes: store.changesOf(record),
    });
  });

  app.get(
    `${EXCHANGE_PATH}/export.har`,
    (context) => harResponse(context, [findExchange(context, store)], version),
  );

  return app;
}

/** Renders an ended exchange only once: its bodies do not change any more. */
function onceEnded(record: ExchangeRecord): () => Markup {
  let last: Markup | undefined;
  return () => {
    if (last !== undefined) return last;
    const markup = renderExchangeLive(record);
    if (record.end !== undefined) last = markup;
    return markup;
  };
}

function renderPane(record: ExchangeRecord): Markup {
  const { request, shownUrl } = record;
  return html`
    <h2 class="exchange">
      <a href="${pathOf(record)}">${request.method} ${shownUrl}</a>
    </h2>
    ${renderExchangeLive(record)}
  `;
}

/** The page around `live`, the part that is kept live. */
function renderExchangePage(
  record: ExchangeRecord,
  { live, newer, older }: {
    readonly live: Markup;
    readonly newer?: ExchangeRecord;
    readonly older?: ExchangeRecord;
  },
): Markup {
  const { request, shownUrl } = record;
  const path = pathOf(record);
  return html`
    ${renderBreadcrumbs([[BASE, "Traffic"]], record.id)}
    <h1 class="exchange">${request.method} ${shownUrl}</h1>
    ${renderLiveNotes("client")}
    <p class="actions">
      ${isReplayable(record)
        ? html`
          <a class="button" href="${path}/replay">Edit and resend …</a>
          <a class="button" href="${path}/export.har" download>Export HAR</a>
        `
        : ""}
      ${newer && html`
        <a class="button" rel="prev" href="${pathOf(newer)}">Newer</a>
      `}
      ${older && html`
        <a class="button" rel="next" href="${pathOf(older)}">Older</a>
      `}
    </p>
    <div id="live" data-events="${path}/events">${live}</div>
  `;
}

/** The part that is kept live. */
function renderExchangeLive(record: ExchangeRecord): Markup {
  const { request, response, requestBody, responseBody } = record;
  const reason = explanationOf(record);
  return html`
    ${reason === undefined ? "" : html`<p class="note">${reason}.</p>`}
    ${renderDescriptionGrid(summaryOf(record))} ${renderPhases(record)}
    ${renderEdits(record)}
    <h2>Request</h2>
    ${renderMessage(request.fields, requestBody)}
    ${renderSection("Response", {
      content: response && renderMessage(response.fields, responseBody),
      none: "No response yet.",
    })}
    ${renderCopies(record)}
  `;
}

function renderCopies(record: ExchangeRecord): Markup | "" {
  const copies = copiesOf(record);
  if (copies.length === 0) return "";
  return html`
    <h2>As code</h2>
    <p class="hint">
      Secrets are shown as xxxxx.${lacksBody(record)
        ? " The body is missing: it is not text, or was kept in part."
        : ""}
    </p>
    ${copies.map(({ tool, code }) =>
      html`
        <h3>${tool}</h3>
        ${renderCommand(code, `request for ${tool}`)}
      `
    )}
  `;
}

function summaryOf(record: ExchangeRecord): readonly Description[] {
  const { response, startedAt, duration, replayOf, flow, sender } = record;
  const reason = response === undefined ? "" : statusText(response.status);
  return [
    ["Status", renderState(labelOfStatus(record, reason))],
    ["Started", formatTimeOfDay(startedAt)],
    [
      "Time to first byte",
      response === undefined ? "–" : formatElapsed(response.after),
    ],
    ["Total", formatElapsed(duration)],
    ["Sent", formatSize(flow?.sent ?? record.requestBody?.total ?? 0)],
    ["Received", formatSize(record.received)],
    ...sender.user === undefined ? [] : [["User", sender.user] as const],
    ...sender.job === undefined ? [] : [["Job", sender.job] as const],
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
    <h2>Plugins</h2>
    ${edits.map((edit) =>
      html`
        <h3>${edit.plugin}, ${edit.hook}</h3>
        <ul class="edits">
          ${describeEdit(edit).map(renderEdit)}
        </ul>
      `
    )}
  `;
}

/** CSS classes: green for what was added, red for what was removed. */
const EDIT_CLASSES: Readonly<Record<string, string>> = {
  "+": "added",
  "−": "removed",
};

function renderEdit(line: string): Markup {
  return html`<li class="${
    EDIT_CLASSES[line.charAt(0)] ?? ""
  }"><code>${line}</code></li>`;
}

function renderMessage(
  fields: Fields,
  body: CapturedBody | undefined,
): Markup {
  const lines = Array.from(
    fields,
    ([name, value]) =>
      [name, html`<code>${hideInField(name, value)}</code>`] as const,
  );
  return html`${
    lines.length === 0 ? NO_FIELDS : renderDescriptionRows(lines)
  } ${
    renderBody(readableBody(body, fields), fields.get("content-type") ?? "")
  }`;
}

const NO_FIELDS = html`<p class="hint">No header fields.</p>`;

function renderBody(
  body: ReturnType<typeof readableBody>,
  type: string,
): Markup {
  if (body === undefined) {
    return html`
      <p class="hint">No body.</p>
    `;
  }
  return html`
    ${body.note === undefined ? "" : html`<p class="hint">${body.note}</p>`}
    ${body.text === undefined ? "" : renderText(body.text, type)}
  `;
}

function renderText(text: string, type: string): Markup {
  const formatted = formatBody(text, type);
  if (formatted === undefined) return renderContent(text);
  return html`
    ${formatted.kind === "json" ? renderContent(formatted.text) : html`
      ${renderDescriptionRows(
        formatted.fields.map(([name, value]) =>
          [name, html`<code>${value}</code>`] as const
        ),
      )}
    `}
    <details>
      <summary>As it was sent</summary>
      ${renderContent(text)}
    </details>
  `;
}

function renderContent(text: string): Markup {
  return html`
    <div class="command content">
      <pre tabindex="0"><code>${text}</code></pre>
    </div>
  `;
}
