/**
 * The streams that keep the list of tunnels and the page of each live.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { ChangeFeed } from "../../../async/change_feed.ts";
import type { Clock } from "../../../async/clock.ts";
import { Fresh } from "../../../web/fresh.ts";
import type {
  LiveStream,
  LiveStreamOptions,
} from "../../../web/live_streams.ts";
import type { Markup } from "../../../web/shell.ts";
import type { PermissionWatcher } from "../../accounts/permission_watcher.ts";
import type { SharedTables } from "../../accounts/shared_tables.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import type { TunnelHistory } from "../../tunnels/tunnel_history.ts";
import type { Sight } from "./sight.ts";
import type { PageEnv } from "../session/sign_in.ts";
import { filterOf } from "./tunnel_filter.ts";
import { renderTunnelLive } from "./tunnel_page.ts";
import { renderTunnels } from "./tunnel_table.ts";

/** What the streams need. */
export interface TunnelEventsOptions {
  readonly sight: (user: string) => Sight;
  readonly history: Pick<TunnelHistory, "of">;
  readonly clock: Clock;
  /** What happens to tunnels. */
  readonly changes: ChangeFeed<unknown>;
  readonly stream: LiveStream;
  /** Ends streams whose viewers may not look any more. */
  readonly watch: Pick<PermissionWatcher, "enter">;
  readonly shares: Pick<SharedTables, "takerOf">;
}

/** Path of the page of a tunnel. */
export const TUNNEL = "/tunnels/:id{[0-9a-f]{32}}";

/** `/events` and `/tunnels/{id}/events`. What is the same for several viewers is rendered once. */
export function tunnelEvents(
  { sight, history, clock, changes, ...options }: TunnelEventsOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const shown = new Fresh<Markup>(changes, clock);
  const seen = new Fresh<readonly Tunnel[]>(changes, clock);

  app.get("/events", (context) => {
    const filter = filterOf(context);
    const { user } = context.var;
    const render = () => {
      const tunnels = seen.of(user, () => sight(user).all);
      // Who sees the same tunnels sees the same list, whoever that is.
      const ids = tunnels.map(({ id }) => id).join("");
      const now = clock.now();
      return shown.of(
        `${ids} ${filter.state} ${filter.search}`,
        () => renderTunnels(tunnels, { filter, history, now }),
      );
    };
    return options.stream(context, render, viewerOf(context, options));
  });

  app.get(`${TUNNEL}/events`, (context) => {
    const { user } = context.var;
    const tunnel = sight(user).find(context.req.param("id"));
    const render = () => {
      // Rights may change while the page is open.
      const { sees, knows } = sight(user);
      if (!sees(tunnel)) return NOT_SEEN;
      const isAll = knows(tunnel);
      return shown.of(`${isAll} ${tunnel.id}`, () => {
        const samples = history.of(tunnel);
        return renderTunnelLive({ tunnel, samples, now: clock.now(), isAll });
      });
    };
    return options.stream(context, render, viewerOf(context, options));
  });

  return app;
}

const NOT_SEEN = html`<p class="hint">You do not see this tunnel any more.</p>`;

/** Who looks, and what ends it when they may do so no more. */
function viewerOf(
  { var: { user, permit } }: Context<PageEnv>,
  { watch, shares }: Pick<TunnelEventsOptions, "watch" | "shares">,
): LiveStreamOptions {
  return {
    viewer: user,
    organization: shares.takerOf(user).organization,
    watch: (end) => watch.enter(end, permit),
  };
}
