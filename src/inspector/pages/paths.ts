/**
 * Where the inspector's pages are.
 *
 * @module
 */
import type { ExchangeRecord } from "../record/exchange_record.ts";

/** The list; everything else is below it. */
export const BASE = "/inspector";

/** The page of an exchange. */
export function pathOf({ id }: Pick<ExchangeRecord, "id">): string {
  return `${BASE}/exchanges/${encodeURIComponent(id)}`;
}
