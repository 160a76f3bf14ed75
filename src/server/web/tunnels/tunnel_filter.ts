import type { Context } from "hono";
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** The states that the list can be filtered by. */
export const FILTER_STATES = ["all", "running", "waiting", "stopped"] as const;

/** One of {@linkcode FILTER_STATES}. */
export type FilterState = (typeof FILTER_STATES)[number];

/** Longest search text, in characters. */
const MAX_SEARCH = 200;

/** The tunnels that the list shows. */
export interface TunnelFilter {
  /** Text in name, host, owner, id or metadata; case is ignored. */
  readonly search: string;
  readonly state: FilterState;
}

/** Reads the filter from the query of a page. An unknown state means all. */
export function readTunnelFilter(query: URLSearchParams): TunnelFilter {
  const wanted = query.get("state");
  return {
    search: (query.get("q") ?? "").trim().slice(0, MAX_SEARCH),
    state: FILTER_STATES.find((state) => state === wanted) ?? "all",
  };
}

/** The filter of a request. */
export function filterOf({ req }: Pick<Context, "req">): TunnelFilter {
  return readTunnelFilter(new URL(req.url).searchParams);
}

/** Whether the filter can leave tunnels out. */
export function leavesOutTunnels({ search, state }: TunnelFilter): boolean {
  return search !== "" || state !== "all";
}

/** Whether a tunnel passes the filter. */
export function matchesTunnelFilter(
  tunnel: Tunnel,
  filter: TunnelFilter,
): boolean {
  return hasState(tunnel, filter.state) && contains(tunnel, filter.search);
}

function hasState(tunnel: Tunnel, state: FilterState): boolean {
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
