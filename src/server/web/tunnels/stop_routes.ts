/**
 * Stopping tunnels from the page: one, or all of one's own, after a question.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { Problem } from "../../../api/serving/problem.ts";
import { actorOf } from "../../rest/authentication.ts";
import type { TunnelController } from "../../tunnels/controller.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import { renderQuestion } from "./confirm_page.ts";
import type { Frame } from "../frame.ts";
import type { Sight } from "./sight.ts";
import { readForm } from "../../../web/form.ts";
import type { PageEnv } from "../session/sign_in.ts";

/** What stopping needs. */
export interface StopRoutesOptions {
  readonly controller: Pick<TunnelController, "stop">;
  readonly sight: (user: string) => Sight;
  readonly frame: Frame;
}

/** In milliseconds. */
const MINUTE = 60_000;
const ONE = "/tunnels/:id{[0-9a-f]{32}}/stop";

/** `GET` asks, `POST` does. */
export function stopRoutes(options: StopRoutesOptions): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get(ONE, (context) => {
    const tunnel = tunnelOf(context, options);
    const title = `Stop tunnel “${tunnel.name}”?`;
    const main = renderQuestion({
      title,
      text: `It has ${jobsText([tunnel])}. Tests that use it fail afterwards.`,
      above: [TUNNELS, [`/tunnels/${tunnel.id}`, tunnel.name]],
      action: `/tunnels/${tunnel.id}/stop`,
      verb: "Stop tunnel",
      formToken: context.get("formToken"),
      withJobs: true,
    });
    return options.frame(context, { title, main });
  });

  app.post(ONE, async (context) => {
    const tunnel = tunnelOf(context, options);
    stop([tunnel], { options, context, form: await readForm(context) });
    return context.redirect("/", 303);
  });

  app.get("/stop-my-tunnels", (context) => {
    const tunnels = options.sight(context.get("user")).own;
    const title = "Stop my tunnels?";
    const main = tunnels.length === 0 ? NOTHING_TO_STOP : renderQuestion({
      title,
      text: `You have ${tunnelsText(tunnels)} with ${jobsText(tunnels)}. ` +
        "Tunnels of others stay.",
      above: [TUNNELS],
      action: "/stop-my-tunnels",
      verb: "Stop my tunnels",
      formToken: context.get("formToken"),
      withJobs: true,
    });
    return options.frame(context, { title, main });
  });

  app.post("/stop-my-tunnels", async (context) => {
    const tunnels = options.sight(context.get("user")).own;
    stop(tunnels, { options, context, form: await readForm(context) });
    return context.redirect("/", 303);
  });

  return app;
}

const TUNNELS = ["/", "Tunnels"] as const;

const NOTHING_TO_STOP = html`
  <h1>Nothing to stop</h1>
  <p>You have no tunnel that runs.</p>
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
  { sight }: StopRoutesOptions,
): Tunnel {
  const { find, mayStop } = sight(context.get("user"));
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
