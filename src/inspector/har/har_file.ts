/**
 * A HAR 1.2 file, written entry by entry: it is never in memory as a whole.
 *
 * @module
 */
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { harEntry } from "./har_entry.ts";

/**
 * The file of these exchanges. CONNECT is left out: the format knows only
 * messages that can be read.
 *
 * @param records Newest first; in the file they are oldest first.
 */
export function harFile(
  records: readonly ExchangeRecord[],
  version: string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const rest = records.filter(({ request }) => request.kind !== "connect");
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
