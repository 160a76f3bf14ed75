/**
 * One exchange, as a page, as events and as a file.
 *
 * @module
 */
import { Hono } from "hono";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { LiveStream } from "../../web/live_streams.ts";
import type { Markup } from "../../web/shell.ts";
import { renderExchangeLive, renderExchangePage } from "./exchange_page.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { ExchangeStore } from "../record/exchange_store.ts";
import { EXCHANGE, findExchange } from "./find_exchange.ts";
import type { Frame } from "./frame.ts";
import { harReply } from "../har/har_reply.ts";

/** What the pages of exchanges need. */
export interface ExchangeRoutesOptions {
  readonly store: ExchangeStore;
  readonly stream: LiveStream;
  readonly frame: Frame;
  /** The client's version. */
  readonly version: string;
}

/** `/exchanges/{id}`, its `/events` and its `/export.har`. */
export function exchangeRoutes(
  { store, stream, frame, version }: ExchangeRoutesOptions,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  app.get(EXCHANGE, (context) => {
    const record = findExchange(context, store);
    const { method, authority } = record.request;
    const main = renderExchangePage(record, renderExchangeLive(record));
    return frame(context, { title: `${method} ${authority}`, main });
  });

  app.get(`${EXCHANGE}/events`, (context) => {
    const record = findExchange(context, store);
    return stream(context, onceEnded(record), {
      changes: store.changesOf(record),
    });
  });

  app.get(
    `${EXCHANGE}/export.har`,
    (context) => harReply(context, [findExchange(context, store)], version),
  );

  return app;
}

/** The live part: decoding content that has ended again and again would find nothing new. */
function onceEnded(record: ExchangeRecord): () => Markup {
  let last: Markup | undefined;
  return () => {
    if (last !== undefined) return last;
    const markup = renderExchangeLive(record);
    if (record.end !== undefined) last = markup;
    return markup;
  };
}
