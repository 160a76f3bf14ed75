/**
 * Which tunnels of the list somebody wants to see.
 *
 * @module
 */
import type { Context } from "hono";
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** The states that the list can be narrowed to. */
export const FILTER_STATES = ["all", "running", "waiting", "stopped"] as const;

/** One of them. */
export type FilterState = (typeof FILTER_STATES)[number];

/** Longest text that is searched for, in characters. */
const MAX_SEARCH = 200;

/** What the list is narrowed to. */
export interface TunnelFilter {
  /** Searched, without regard to case, in name, host, owner, id and metadata. */
  readonly search: string;
  readonly state: FilterState;
}

/** Reads the query of the page's address; what it does not know means all. */
export function readFilter(query: URLSearchParams): TunnelFilter {
  const wanted = query.get("state");
  return {
    search: (query.get("q") ?? "").trim().slice(0, MAX_SEARCH),
    state: FILTER_STATES.find((state) => state === wanted) ?? "all",
  };
}

/** The filter of the page that is asked for. */
export function filterOf({ req }: Pick<Context, "req">): TunnelFilter {
  return readFilter(new URL(req.url).searchParams);
}

/** Whether anything is left out. */
export function isNarrow({ search, state }: TunnelFilter): boolean {
  return search !== "" || state !== "all";
}

/** Whether the list shows this tunnel. */
export function isWanted(tunnel: Tunnel, filter: TunnelFilter): boolean {
  return isInState(tunnel, filter.state) && contains(tunnel, filter.search);
}

function isInState(tunnel: Tunnel, state: FilterState): boolean {
  switch (state) {
    case "all":
      return true;
    case "running":
      return tunnel.isReady;
    case "waiting":
      return !tunnel.isReady && tunnel.status !== "terminated";
    case "stopped":
      return tunnel.status === "terminated";
    default:
      return state satisfies never;
  }
}

function contains(
  { name, owner, id, metadata }: Tunnel,
  search: string,
): boolean {
  if (search === "") return true;
  const wanted = search.toLowerCase();
  const extra = Object.entries(metadata.extra ?? {})
    .map(([key, value]) => `${key}=${value}`);
  return [name, owner, id, metadata.hostname ?? "", ...extra]
    .some((text) => text.toLowerCase().includes(wanted));
}
