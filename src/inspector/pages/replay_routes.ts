/**
 * Sending a request again, after it was edited.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import { readForm } from "../../web/form.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { ExchangeStore } from "../record/exchange_store.ts";
import { EXCHANGE, findExchange } from "./find_exchange.ts";
import type { FormToken } from "./csrf_token.ts";
import type { Frame } from "./frame.ts";
import { pathOf } from "./paths.ts";
import { isReplayable } from "./replay_form.ts";
import { renderReplayPage } from "./replay_page.ts";
import { replayRequest } from "../replay/replay_request.ts";
import type { Replayer } from "../replay/replayer.ts";

/** What replays need. */
export interface ReplayRoutesOptions {
  readonly store: ExchangeStore;
  readonly replayer: Replayer;
  readonly formToken: FormToken;
  /** Longest form in bytes: it brings the content. */
  readonly formLimit: number;
  readonly frame: Frame;
}

/** `/exchanges/{id}/replay`: `GET` asks, `POST` sends. */
export function replayRoutes(
  { store, replayer, formToken, formLimit, frame }: ReplayRoutesOptions,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  app.get(`${EXCHANGE}/replay`, (context) => {
    const record = replayableOf(context, store);
    const main = renderReplayPage(record, String(formToken));
    return frame(context, { title: "Edit and resend", main });
  });

  app.post(`${EXCHANGE}/replay`, async (context) => {
    const record = replayableOf(context, store);
    const form = await readForm(context, formLimit);
    formToken.check(form);
    const request = replayRequest(record, {
      method: form.get("method") ?? "",
      url: form.get("url") ?? "",
      fields: form.get("fields") ?? "",
      content: form.get("content") ?? "",
    });
    const id = replayer.start(request, record);
    return context.redirect(pathOf({ id }), 303);
  });

  return app;
}

function replayableOf(
  context: Context<ApiEnv>,
  store: ExchangeStore,
): ExchangeRecord {
  const record = findExchange(context, store);
  if (isReplayable(record)) return record;
  throw new Problem(
    400,
    "Cannot send the request again: what flowed in it was not recorded",
  );
}
