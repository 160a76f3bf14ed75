/** The inspector's first page: the list of exchanges, live and as a file. */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { ApiEnv } from "../../api/serving/serve.ts";
import {
  invalidIf,
  readForm,
  renderFieldError,
  renderOptions,
} from "../../web/components/form.ts";
import { type Markup, renderLiveNotes } from "../../web/layout.ts";
import {
  type CsrfToken,
  renderCsrfField,
} from "../../web/security/csrf_token.ts";
import { harResponse } from "../har/har_file.ts";
import { readSearch } from "../record/filter_terms.ts";
import {
  type ExchangeFilter,
  exchangeMatcher,
  FILTER_METHODS,
  FILTER_STATUSES,
  queryOf,
  readExchangeFilter,
} from "../record/exchange_filter.ts";
import { renderExchanges } from "./exchange_table.ts";
import { BASE, type InspectorParts } from "./layout.ts";

/** `/`, `/events`, `/export.har` and `/clear`. */
export function exchangeListRoutes(
  { store, csrfToken, stream, layout, version, example }: InspectorParts,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  app.get("/", (context) => {
    const filter = filterOf(context);
    const main = renderListPage(renderList(filter), { filter, csrfToken });
    return layout(context, { title: "Traffic", main });
  });

  app.get("/events", (context) => {
    const filter = filterOf(context);
    return stream(context, () => renderList(filter));
  });

  app.get("/export.har", (context) => {
    const filter = filterOf(context);
    const job = context.req.query("job");
    const matches = exchangeMatcher(filter);
    const records = store.all.filter((record) =>
      matches(record) && (job === undefined || record.sender.job === job)
    );
    return harResponse(context, records, version);
  });

  app.post("/clear", async (context) => {
    csrfToken.check(await readForm(context));
    store.clear();
    return context.redirect(BASE, 303);
  });

  return app;

  function renderList(filter: ExchangeFilter): Markup {
    const view = { filter, size: store.size, example: example() };
    return renderExchanges(store.all, view);
  }
}

function filterOf({ req }: Context<ApiEnv>): ExchangeFilter {
  return readExchangeFilter(new URL(req.url).searchParams);
}

/** The page around the list. */
function renderListPage(
  list: Markup,
  { filter, csrfToken }: {
    readonly filter: ExchangeFilter;
    readonly csrfToken: CsrfToken;
  },
): Markup {
  const query = queryOf(filter);
  return html`
    <div class="page-head">
      <h1>Traffic</h1>
      <div class="actions">
        <button type="button" id="pause" aria-pressed="false" hidden>Pause</button>
        <a class="button" href="${BASE}/export.har?${query}"
          download>Export HAR</a>
        <form method="post" action="${BASE}/clear">
          ${renderCsrfField(String(csrfToken))}
          <button class="danger">Clear</button>
        </form>
      </div>
    </div>
    ${renderLiveNotes("client")} ${renderFilter(filter)}
    <div class="panes">
      <div id="live" data-events="${BASE}/events?${query}">${list}</div>
      <section id="pane" aria-label="Request" tabindex="0" hidden></section>
    </div>
  `;
}

function renderFilter({ search, method, status }: ExchangeFilter): Markup {
  const { problems } = readSearch(search);
  return html`
    <form method="get" action="${BASE}" role="search" class="filter">
      <p class="wide">
        <label for="q">Find</label>
        <input id="q" name="q" type="search" value="${search}"
          placeholder="words, status:5xx, host:shop, job:y …"
          ${invalidIf(problems.length > 0, "q-error")}>
      </p>
      <p>
        <label for="method">Method</label>
        <select id="method" name="method">
          ${renderOptions(FILTER_METHODS.map((each) => [each, each]), method)}
        </select>
      </p>
      <p>
        <label for="status">Status</label>
        <select id="status" name="status">
          ${renderOptions(FILTER_STATUSES.map((each) => [each, each]), status)}
        </select>
      </p>
      <button>Show</button>
    </form>
    ${renderFieldError("q-error", problems)}
  `;
}
