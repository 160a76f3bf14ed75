/** Event streams that keep the list of tunnels and the page of each live. */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { ChangeFeed } from "../../../async/change_feed.ts";
import type { Clock } from "../../../async/clock.ts";
import { RenderCache } from "../../../web/live/render_cache.ts";
import type {
  LiveStream,
  LiveStreamOptions,
} from "../../../web/live/live_streams.ts";
import type { Markup } from "../../../web/layout.ts";
import type { PermissionWatcher } from "../../accounts/permission_watcher.ts";
import type { SharedTables } from "../../accounts/shared_tables.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import type { TunnelHistory } from "../../tunnels/tunnel_history.ts";
import type { VisibleTunnels } from "./visible_tunnels.ts";
import type { PageEnv } from "../session/sign_in.ts";
import { filterOf } from "./tunnel_filter.ts";
import { renderTunnelLive } from "./tunnel_page.ts";
import { readTab } from "./tunnel_tabs.ts";
import { renderTunnels } from "./tunnel_table.ts";

/** Dependencies of the streams. */
export interface TunnelEventsOptions {
  readonly visibleTunnels: (user: string) => VisibleTunnels;
  readonly history: Pick<TunnelHistory, "of">;
  readonly clock: Clock;
  /** Changes of tunnels. */
  readonly changes: ChangeFeed<unknown>;
  readonly stream: LiveStream;
  /** Ends the stream of a user who loses permission. */
  readonly watch: Pick<PermissionWatcher, "enter">;
  readonly shares: Pick<SharedTables, "takerOf">;
}

/** Path of the page of a tunnel. */
export const TUNNEL_PATH = "/tunnels/:id{[0-9a-f]{32}}";

/** `/events` and `/tunnels/{id}/events`. Viewers of the same content share one rendering. */
export function tunnelEvents(
  { visibleTunnels, history, clock, changes, ...options }: TunnelEventsOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const rendered = new RenderCache<Markup>(changes, clock);
  const visible = new RenderCache<readonly Tunnel[]>(changes, clock);

  app.get("/events", (context) => {
    const filter = filterOf(context);
    const { user } = context.var;
    const render = () => {
      const tunnels = visible.get(user, () => visibleTunnels(user).all);
      // Users who see the same tunnels share the list.
      const ids = tunnels.map(({ id }) => id).join("");
      const now = clock.now();
      return rendered.get(
        `${ids} ${filter.state} ${filter.search}`,
        () => renderTunnels(tunnels, { filter, history, now }),
      );
    };
    return options.stream(context, render, viewerOf(context, options));
  });

  app.get(`${TUNNEL_PATH}/events`, (context) => {
    const { user } = context.var;
    const tunnel = visibleTunnels(user).find(context.req.param("id"));
    const tab = readTab(context.req.query("tab"));
    const render = () => {
      // Permissions may change while the page is open.
      const { sees, seesDetails } = visibleTunnels(user);
      if (!sees(tunnel)) return NOT_SEEN;
      const withDetails = seesDetails(tunnel);
      // Who sees no details sees own requests, which nobody else may share.
      const viewer = withDetails ? "" : user;
      return rendered.get(`${viewer} ${tab} ${tunnel.id}`, () => {
        const samples = history.of(tunnel);
        return renderTunnelLive({
          tunnel,
          samples,
          now: clock.now(),
          ...{ tab, viewer, withDetails },
        });
      });
    };
    return options.stream(context, render, viewerOf(context, options));
  });

  return app;
}

const NOT_SEEN =
  html`<p class="hint">You no longer have access to this tunnel.</p>`;

/** The viewer of a stream. It ends when the user loses the permission. */
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
