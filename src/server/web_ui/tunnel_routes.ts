/**
 * The list of tunnels and the page of each, with the streams that keep them
 * live.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Clock } from "../../async/clock.ts";
import type { TunnelHistory } from "../tunnel_history.ts";
import type { Tunnel } from "../tunnel.ts";
import type { Frame } from "./frame.ts";
import type { Markup } from "../../web/shell.ts";
import type { LiveStream } from "../../web/live_streams.ts";
import { type PageView, renderPage } from "./page.ts";
import type { Sight } from "./sight.ts";
import type { PageEnv } from "./sign_in.ts";
import { readFilter, type TunnelFilter } from "./tunnel_filter.ts";
import { renderTunnelLive, renderTunnelPage } from "./tunnel_page.ts";
import { renderTunnels } from "./tunnel_table.ts";

/** What the pages of tunnels need. */
export interface TunnelRoutesOptions {
  readonly sight: (user: string) => Sight;
  readonly history: Pick<TunnelHistory, "of">;
  readonly clock: Clock;
  readonly stream: LiveStream;
  readonly frame: Frame;
  /** What the page says about server and proxy. */
  readonly viewOf: (context: Context<PageEnv>) => PageView;
}

const TUNNEL = "/tunnels/:id{[0-9a-f]{32}}";

/** `/`, `/events`, `/tunnels/{id}` and `/tunnels/{id}/events`. */
export function tunnelRoutes(
  { sight, history, clock, stream, frame, viewOf }: TunnelRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/", (context) => {
    const filter = filterOf(context);
    const list = listOf(context.get("user"), filter);
    const main = renderPage(viewOf(context), { filter, list });
    return frame(context, { title: "Tunnels", main });
  });

  app.get("/events", (context) => {
    const filter = filterOf(context);
    const viewer = context.get("user");
    return stream(context, () => listOf(viewer, filter), { viewer });
  });

  app.get(TUNNEL, (context) => {
    const user = context.get("user");
    const { find, mayStop, mayUse } = sight(user);
    const tunnel = find(context.req.param("id"));
    const main = renderTunnelPage(tunnel, {
      live: liveOf(user, tunnel),
      user,
      proxyAddress: viewOf(context).proxyAddress,
      mayStop: mayStop(tunnel),
      mayUse: mayUse(tunnel),
    });
    return frame(context, { title: tunnel.name, main, charts: true });
  });

  app.get(`${TUNNEL}/events`, (context) => {
    const user = context.get("user");
    const tunnel = sight(user).find(context.req.param("id"));
    return stream(context, () => liveOf(user, tunnel), { viewer: user });
  });

  return app;

  function listOf(user: string, filter: TunnelFilter): Markup {
    const now = clock.now();
    return renderTunnels(sight(user).all, { filter, history, now });
  }

  /** Rights may change while the page is open. */
  function liveOf(user: string, tunnel: Tunnel): Markup {
    const { sees, knows } = sight(user);
    if (!sees(tunnel)) return NOT_SEEN;
    const samples = history.of(tunnel);
    const now = clock.now();
    return renderTunnelLive({ tunnel, samples, now, isAll: knows(tunnel) });
  }
}

const NOT_SEEN = html`<p class="hint">You do not see this tunnel any more.</p>`;

function filterOf({ req }: Context<PageEnv>): TunnelFilter {
  return readFilter(new URL(req.url).searchParams);
}
