import { STATUS_CODES } from "node:http";

const TEXTS: Readonly<Record<number, string | undefined>> = {
  ...STATUS_CODES,
  // RFC 9110 has renamed these.
  413: "Content Too Large",
  422: "Unprocessable Content",
};

/** The words for `status`, or an empty text for a code that has none. */
export function statusText(status: number): string {
  return TEXTS[status] ?? "";
}
