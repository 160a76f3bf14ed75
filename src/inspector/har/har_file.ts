import type { Context } from "hono";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { harEntry } from "./har_entry.ts";

/**
 * The exchanges as a HAR 1.2 file. Entries are written one by one, so the file
 * is never in memory as a whole. CONNECT is left out, because the format has only
 * readable messages, unless it was refused: its response says why.
 *
 * @param records Newest first. The file has the oldest first.
 */
export function harFile(
  records: readonly ExchangeRecord[],
  version: string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const rest = records.filter(({ request, response }) =>
    request.kind !== "connect" || (response?.status ?? 0) >= 300
  );
  const encoder = new TextEncoder();
  let separator = "";
  return new ReadableStream({
    start(controller) {
      const creator = JSON.stringify({ name: "Sallyport", version });
      controller.enqueue(
        encoder.encode(
          `{"log":{"version":"1.2","creator":${creator},` +
            `"comment":"Secrets are shown as xxxxx.","entries":[\n`,
        ),
      );
    },
    pull(controller) {
      const record = rest.pop();
      if (record === undefined) {
        controller.enqueue(encoder.encode("\n]}}\n"));
        return controller.close();
      }
      const text = separator + JSON.stringify(harEntry(record));
      separator = ",\n";
      controller.enqueue(encoder.encode(text));
    },
  });
}

const HEADERS = {
  "Content-Type": "application/json",
  "Content-Disposition": 'attachment; filename="sallyport.har"',
} as const;

/** Responds with the file as a download. */
export function harResponse(
  context: Context<ApiEnv>,
  records: readonly ExchangeRecord[],
  version: string,
): Response {
  return context.body(harFile(records, version), 200, HEADERS);
}
