/** Pages that stop one tunnel or all of one's own. `GET` asks for confirmation, `POST` stops. */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { Problem } from "../../../api/serving/problem.ts";
import { actorOf } from "../../rest/authentication.ts";
import type { TunnelController } from "../../tunnels/controller.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import { renderConfirmation } from "../confirm_page.ts";
import { readForm } from "../../../web/components/form.ts";
import type { ServerLayout } from "../layout.ts";
import type { PageEnv } from "../session/sign_in.ts";
import type { VisibleTunnels } from "./visible_tunnels.ts";

/** Dependencies of these pages. */
export interface StopRoutesOptions {
  readonly controller: Pick<TunnelController, "stop">;
  readonly visibleTunnels: (user: string) => VisibleTunnels;
  readonly layout: ServerLayout;
}

/** In milliseconds. */
const MINUTE = 60_000;
const STOP = "/tunnels/:id{[0-9a-f]{32}}/stop";

/** `/tunnels/{id}/stop` and `/stop-my-tunnels`. */
export function stopRoutes(options: StopRoutesOptions): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get(STOP, (context) => {
    const tunnel = tunnelOf(context, options);
    const title = `Stop tunnel “${tunnel.name}”?`;
    const main = renderConfirmation({
      title,
      text: `It has ${
        jobsText([tunnel])
      }. Tests that use it afterwards will fail.`,
      parents: [TUNNELS, [`/tunnels/${tunnel.id}`, tunnel.name]],
      action: `/tunnels/${tunnel.id}/stop`,
      verb: "Stop tunnel",
      csrfToken: context.get("csrfToken"),
      withJobs: true,
    });
    return options.layout(context, { title, main });
  });

  app.post(STOP, async (context) => {
    const tunnel = tunnelOf(context, options);
    stop([tunnel], { options, context, form: await readForm(context) });
    return context.redirect("/", 303);
  });

  app.get("/stop-my-tunnels", (context) => {
    const tunnels = options.visibleTunnels(context.get("user")).own;
    const title = "Stop my tunnels?";
    const main = tunnels.length === 0 ? NOTHING_TO_STOP : renderConfirmation({
      title,
      text: `You have ${tunnelsText(tunnels)} with ${jobsText(tunnels)}. ` +
        "Tunnels of other users keep running.",
      parents: [TUNNELS],
      action: "/stop-my-tunnels",
      verb: "Stop my tunnels",
      csrfToken: context.get("csrfToken"),
      withJobs: true,
    });
    return options.layout(context, { title, main });
  });

  app.post("/stop-my-tunnels", async (context) => {
    const tunnels = options.visibleTunnels(context.get("user")).own;
    stop(tunnels, { options, context, form: await readForm(context) });
    return context.redirect("/", 303);
  });

  return app;
}

const TUNNELS = ["/", "Tunnels"] as const;

const NOTHING_TO_STOP = html`
  <h1>Nothing to stop</h1>
  <p>None of your tunnels is running.</p>
  <p><a class="button" href="/">Back to the tunnels</a></p>
`;

function stop(
  tunnels: readonly Tunnel[],
  { options, context, form }: {
    readonly options: StopRoutesOptions;
    readonly context: Context<PageEnv>;
    readonly form: URLSearchParams;
  },
): void {
  const waitForJobs = form.get("wait") !== null;
  const minutes = Number(form.get("minutes"));
  const drainTimeout = minutes > 0 ? minutes * MINUTE : undefined;
  for (const tunnel of tunnels) {
    options.controller.stop(tunnel, {
      reason: "webui",
      waitForJobs,
      drainTimeout,
      byUser: tunnel.owner === context.get("user"),
      by: actorOf(context),
    });
  }
}

function tunnelOf(
  context: Context<PageEnv>,
  { visibleTunnels }: StopRoutesOptions,
): Tunnel {
  const { find, mayStop } = visibleTunnels(context.get("user"));
  const tunnel = find(context.req.param("id") ?? "");
  if (mayStop(tunnel)) return tunnel;
  throw new Problem(
    403,
    "Cannot stop the tunnel: it has ended, or is not yours",
  );
}

function tunnelsText({ length }: readonly Tunnel[]): string {
  return length === 1 ? "1 tunnel" : `${length} tunnels`;
}

function jobsText(tunnels: readonly Tunnel[]): string {
  const jobs = tunnels.reduce((sum, { jobsRunning }) => sum + jobsRunning, 0);
  if (jobs === 0) return "no running jobs";
  return jobs === 1 ? "1 running job" : `${jobs} running jobs`;
}
