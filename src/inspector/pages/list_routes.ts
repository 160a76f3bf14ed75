/**
 * The list of exchanges, as a page, as events and as a file.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import type { ApiEnv } from "../../api/serving/serve.ts";
import { readForm } from "../../web/form.ts";
import type { LiveStream } from "../../web/live_streams.ts";
import type { Markup } from "../../web/shell.ts";
import {
  type ExchangeFilter,
  isWanted,
  readFilter,
} from "../record/exchange_filter.ts";
import type { ExchangeStore } from "../record/exchange_store.ts";
import { renderExchanges } from "./exchange_table.ts";
import type { FormToken } from "./csrf_token.ts";
import type { Frame } from "./frame.ts";
import { harReply } from "../har/har_reply.ts";
import { renderListPage } from "./list_page.ts";
import { BASE } from "./paths.ts";

/** What the list needs. */
export interface ListRoutesOptions {
  readonly store: ExchangeStore;
  readonly formToken: FormToken;
  readonly stream: LiveStream;
  readonly frame: Frame;
  /** The client's version. */
  readonly version: string;
  /** A command that makes a first exchange, once it is known. */
  readonly example: () => string | undefined;
}

/** `/`, `/events`, `/export.har` and `/clear`. */
export function listRoutes(
  { store, formToken, stream, frame, version, example }: ListRoutesOptions,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  app.get("/", (context) => {
    const filter = filterOf(context);
    const token = String(formToken);
    const main = renderListPage(listOf(filter), { filter, formToken: token });
    return frame(context, { title: "Traffic", main });
  });

  app.get("/events", (context) => {
    const filter = filterOf(context);
    return stream(context, () => listOf(filter));
  });

  app.get("/export.har", (context) => {
    const filter = filterOf(context);
    const records = store.all.filter((record) => isWanted(record, filter));
    return harReply(context, records, version);
  });

  app.post("/clear", async (context) => {
    formToken.check(await readForm(context));
    store.clear();
    return context.redirect(BASE, 303);
  });

  return app;

  function listOf(filter: ExchangeFilter): Markup {
    const view = { filter, size: store.size, example: example() };
    return renderExchanges(store.all, view);
  }
}

function filterOf({ req }: Context<ApiEnv>): ExchangeFilter {
  return readFilter(new URL(req.url).searchParams);
}
