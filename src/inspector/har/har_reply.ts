/**
 * Answers with exchanges as a file to keep.
 *
 * @module
 */
import type { Context } from "hono";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { harFile } from "./har_file.ts";

const HEADERS = {
  "Content-Type": "application/json",
  "Content-Disposition": 'attachment; filename="sallyport.har"',
} as const;

/**
 * The file.
 *
 * @param records Newest first.
 */
export function harReply(
  context: Context<ApiEnv>,
  records: readonly ExchangeRecord[],
  version: string,
): Response {
  return context.body(harFile(records, version), 200, HEADERS);
}
