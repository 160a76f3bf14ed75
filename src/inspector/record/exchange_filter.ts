import type { ExchangeRecord } from "./exchange_record.ts";
import { readSearch, type RecordTest } from "./filter_terms.ts";

/** The methods that the list can be filtered by. */
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

/** The statuses that the list can be filtered by. */
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

/** Longest search text, in characters. */
const MAX_SEARCH = 200;

/** The exchanges that the list shows. */
export interface ExchangeFilter {
  /** Words that must all occur in URL, content type or plugin names, and terms such as `status:5xx`. Case is ignored. */
  readonly search: string;
  readonly method: (typeof FILTER_METHODS)[number];
  readonly status: FilterStatus;
}

/** Reads the filter from the query of a page. Unknown values mean all. */
export function readExchangeFilter(query: URLSearchParams): ExchangeFilter {
  const method = query.get("method");
  const status = query.get("status");
  return {
    search: (query.get("q") ?? "").trim().slice(0, MAX_SEARCH),
    method: FILTER_METHODS.find((each) => each === method) ?? "all",
    status: FILTER_STATUSES.find((each) => each === status) ?? "all",
  };
}

/** The query of a filter. */
export function queryOf({ search, method, status }: ExchangeFilter): string {
  return String(new URLSearchParams({ q: search, method, status }));
}

/** Whether the filter can leave exchanges out. */
export function leavesOutExchanges(
  { search, method, status }: ExchangeFilter,
): boolean {
  return search !== "" || method !== "all" || status !== "all";
}

/** Makes the test whether an exchange passes the filter. */
export function exchangeMatcher(
  { search, method, status }: ExchangeFilter,
): RecordTest {
  const { tests } = readSearch(search);
  return (record) =>
    (method === "all" || record.request.method === method) &&
    hasStatus(record, status) && tests.every((test) => test(record));
}

function hasStatus(
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
