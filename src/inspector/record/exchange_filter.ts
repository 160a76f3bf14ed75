/**
 * Which exchanges somebody wants to see.
 *
 * @module
 */
import type { ExchangeRecord } from "./exchange_record.ts";

/** The methods that the list can be narrowed to. */
export const FILTER_METHODS = [
  "all",
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "CONNECT",
] as const;

/** The statuses that the list can be narrowed to. */
export const FILTER_STATUSES = [
  "all",
  "1xx",
  "2xx",
  "3xx",
  "4xx",
  "5xx",
  "waiting",
  "cut",
] as const;

/** One of {@linkcode FILTER_STATUSES}. */
export type FilterStatus = (typeof FILTER_STATUSES)[number];

/** Longest text that is searched for, in characters. */
const MAX_SEARCH = 200;

/** What the list is narrowed to. */
export interface ExchangeFilter {
  /** Words that must all be in URL, content type, or names of plugins, without regard to case. */
  readonly search: string;
  readonly method: (typeof FILTER_METHODS)[number];
  readonly status: FilterStatus;
}

/** Reads the query of the page's address; what it does not know means all. */
export function readFilter(query: URLSearchParams): ExchangeFilter {
  const method = query.get("method");
  const status = query.get("status");
  return {
    search: (query.get("q") ?? "").trim().slice(0, MAX_SEARCH),
    method: FILTER_METHODS.find((each) => each === method) ?? "all",
    status: FILTER_STATUSES.find((each) => each === status) ?? "all",
  };
}

/** The query that says the same. */
export function queryOf({ search, method, status }: ExchangeFilter): string {
  return String(new URLSearchParams({ q: search, method, status }));
}

/** Whether anything is left out. */
export function isNarrow({ search, method, status }: ExchangeFilter): boolean {
  return search !== "" || method !== "all" || status !== "all";
}

/** Whether the list shows this exchange. */
export function isWanted(
  record: ExchangeRecord,
  { search, method, status }: ExchangeFilter,
): boolean {
  if (method !== "all" && record.request.method !== method) return false;
  return isInStatus(record, status) && hasWords(record, search);
}

function isInStatus(
  { response, end }: ExchangeRecord,
  status: FilterStatus,
): boolean {
  switch (status) {
    case "all":
      return true;
    case "waiting":
      return end === undefined;
    case "cut":
      return end === "cut";
    default:
      return String(response?.status).startsWith(status.charAt(0));
  }
}

/** Searched is what is shown: hidden values cannot be found out by guessing. */
function hasWords(record: ExchangeRecord, search: string): boolean {
  if (search === "") return true;
  const text = [
    record.shownUrl,
    record.response?.fields.get("content-type") ?? "",
    ...record.edits.map(({ plugin }) => plugin),
  ].join("\n").toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
