import type { StateLabel } from "../../web/components/state_label.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";

/**
 * The status of an exchange: `200`, `waiting`, `200, cut short` …
 *
 * @param reason Reason phrase, shown after the code.
 */
export function labelOfStatus(
  record: ExchangeRecord,
  reason = "",
): StateLabel {
  return { className: classOf(record), text: textOf(record, reason) };
}

function classOf({ response, end }: ExchangeRecord): StateLabel["className"] {
  const status = response?.status ?? 0;
  if (end === undefined) return "waiting";
  if (end === "cut" || status >= 500) return "bad";
  if (status >= 400) return "odd";
  return status >= 300 ? "ending" : "good";
}

function textOf({ response, end }: ExchangeRecord, reason: string): string {
  const status = response === undefined ? "" : `${response.status} ${reason}`;
  switch (end) {
    case undefined:
      return status === "" ? "waiting" : `${status.trim()} …`;
    case "cut":
      return status === "" ? "cut short" : `${status.trim()}, cut short`;
    case "unwanted":
      return `${status.trim()}, canceled`;
    case "whole":
      return status.trim();
  }
}
