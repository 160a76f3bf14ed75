/**
 * The inspector's first page: the list, how to narrow it, and what can be done
 * with it.
 *
 * @module
 */
import { html } from "hono/html";
import { renderChoices } from "../../web/choices.ts";
import { formTokenField } from "../../web/form.ts";
import { liveNotes, type Markup } from "../../web/shell.ts";
import {
  type ExchangeFilter,
  FILTER_METHODS,
  FILTER_STATUSES,
  queryOf,
} from "../record/exchange_filter.ts";
import { BASE } from "./paths.ts";

/** The page around the list, as it is now. */
export function renderListPage(
  list: Markup,
  { filter, formToken }: {
    readonly filter: ExchangeFilter;
    readonly formToken: string;
  },
): Markup {
  const query = queryOf(filter);
  return html`
    <div class="top">
      <h1>Traffic</h1>
      <div class="choices">
        <button type="button" id="pause" aria-pressed="false" hidden>Pause</button>
        <a class="button" href="${BASE}/export.har?${query}"
          download>Export HAR</a>
        <form method="post" action="${BASE}/clear">
          ${formTokenField(formToken)}
          <button class="danger">Clear</button>
        </form>
      </div>
    </div>
    ${liveNotes("client")} ${renderFilter(filter)}
    <div id="live" data-events="${BASE}/events?${query}">${list}</div>
  `;
}

function renderFilter({ search, method, status }: ExchangeFilter): Markup {
  return html`
    <form method="get" action="${BASE}" role="search" class="filter">
      <p class="wide">
        <label for="q">Find</label>
        <input id="q" name="q" type="search" value="${search}"
          placeholder="host, path, type, plugin …">
      </p>
      <p>
        <label for="method">Method</label>
        <select id="method" name="method">
          ${renderChoices(FILTER_METHODS.map((each) => [each, each]), method)}
        </select>
      </p>
      <p>
        <label for="status">Status</label>
        <select id="status" name="status">
          ${renderChoices(FILTER_STATUSES.map((each) => [each, each]), status)}
        </select>
      </p>
      <button>Show</button>
    </form>
  `;
}
