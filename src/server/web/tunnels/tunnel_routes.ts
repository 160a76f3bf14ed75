import { type Context, Hono } from "hono";
import type { Clock } from "../../../async/clock.ts";
import type { TunnelHistory } from "../../tunnels/tunnel_history.ts";
import type { ServerLayout } from "../layout.ts";
import type { PageEnv } from "../session/sign_in.ts";
import { renderListPage, type ServerView } from "./list_page.ts";
import { TUNNEL_PATH } from "./tunnel_events.ts";
import { filterOf } from "./tunnel_filter.ts";
import { renderTunnelLive, renderTunnelPage } from "./tunnel_page.ts";
import { readTab } from "./tunnel_tabs.ts";
import { renderTunnels } from "./tunnel_table.ts";
import type { VisibleTunnels } from "./visible_tunnels.ts";

/** Dependencies of these pages. */
export interface TunnelRoutesOptions {
  readonly visibleTunnels: (user: string) => VisibleTunnels;
  readonly history: Pick<TunnelHistory, "of">;
  readonly clock: Clock;
  readonly layout: ServerLayout;
  /** Address of server and proxy, for this request. */
  readonly viewOf: (context: Context<PageEnv>) => ServerView;
}

/** The list of tunnels, `/`, and the page of each, `/tunnels/{id}`. */
export function tunnelPageRoutes(
  { visibleTunnels, history, clock, layout, viewOf }: TunnelRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/", (context) => {
    const filter = filterOf(context);
    const tunnels = visibleTunnels(context.get("user")).all;
    const now = clock.now();
    const list = renderTunnels(tunnels, { filter, history, now });
    const main = renderListPage(viewOf(context), { filter, list });
    return layout(context, { title: "Tunnels", main });
  });

  app.get(TUNNEL_PATH, (context) => {
    const user = context.get("user");
    const { find, seesDetails, mayStop, mayUse } = visibleTunnels(user);
    const tunnel = find(context.req.param("id"));
    const samples = history.of(tunnel);
    const now = clock.now();
    const withDetails = seesDetails(tunnel);
    const tab = readTab(context.req.query("tab"));
    const about = { tunnel, samples, now, withDetails };
    const main = renderTunnelPage(tunnel, {
      live: renderTunnelLive({ ...about, tab, viewer: user }),
      tab,
      view: viewOf(context),
      mayStop: mayStop(tunnel),
      mayUse: mayUse(tunnel),
    });
    const charts = tab === "overview";
    return layout(context, { title: tunnel.name, main, charts });
  });

  return app;
}
