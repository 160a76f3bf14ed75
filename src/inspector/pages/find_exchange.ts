/**
 * The exchange that a request to a page is about.
 *
 * @module
 */
import type { Context } from "hono";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { ExchangeStore } from "../record/exchange_store.ts";

/** The path of an exchange's page, below the inspector's. */
export const EXCHANGE = "/exchanges/:id";

/** Finds it. @throws {Problem} 404 when it is not kept any more. */
export function findExchange(
  { req }: Context<ApiEnv>,
  store: ExchangeStore,
): ExchangeRecord {
  const record = store.find(req.param("id") ?? "");
  if (record !== undefined) return record;
  throw new Problem(
    404,
    "Cannot find the exchange: it is not kept any more, or never was",
  );
}
