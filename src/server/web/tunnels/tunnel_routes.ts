/**
 * The list of tunnels and the page of each.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import type { Clock } from "../../../async/clock.ts";
import type { TunnelHistory } from "../../tunnels/tunnel_history.ts";
import type { Frame } from "../frame.ts";
import { type PageView, renderPage } from "./page.ts";
import type { Sight } from "./sight.ts";
import type { PageEnv } from "../session/sign_in.ts";
import { TUNNEL } from "./tunnel_events.ts";
import { filterOf } from "./tunnel_filter.ts";
import { renderTunnelLive, renderTunnelPage } from "./tunnel_page.ts";
import { renderTunnels } from "./tunnel_table.ts";

/** What the pages of tunnels need. */
export interface TunnelRoutesOptions {
  readonly sight: (user: string) => Sight;
  readonly history: Pick<TunnelHistory, "of">;
  readonly clock: Clock;
  readonly frame: Frame;
  /** What the page says about server and proxy. */
  readonly viewOf: (context: Context<PageEnv>) => PageView;
}

/** `/` and `/tunnels/{id}`. */
export function tunnelRoutes(
  { sight, history, clock, frame, viewOf }: TunnelRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/", (context) => {
    const filter = filterOf(context);
    const tunnels = sight(context.get("user")).all;
    const now = clock.now();
    const list = renderTunnels(tunnels, { filter, history, now });
    const main = renderPage(viewOf(context), { filter, list });
    return frame(context, { title: "Tunnels", main });
  });

  app.get(TUNNEL, (context) => {
    const user = context.get("user");
    const { find, knows, mayStop, mayUse } = sight(user);
    const tunnel = find(context.req.param("id"));
    const samples = history.of(tunnel);
    const now = clock.now();
    const isAll = knows(tunnel);
    const main = renderTunnelPage(tunnel, {
      live: renderTunnelLive({ tunnel, samples, now, isAll }),
      user,
      proxyAddress: viewOf(context).proxyAddress,
      mayStop: mayStop(tunnel),
      mayUse: mayUse(tunnel),
    });
    return frame(context, { title: tunnel.name, main, charts: true });
  });

  return app;
}
