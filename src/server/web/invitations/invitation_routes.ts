/** Invitations: `/users/invitations` for admins, and `/invitation`, where the link leads. */
import { type Context, Hono } from "hono";
import { PERSON_ROLES } from "../../../api/resources/account_types.ts";
import { readForm } from "../../../web/components/form.ts";
import { AccountError, type Accounts } from "../../accounts/accounts.ts";
import { AccountService } from "../../accounts/account_service.ts";
import {
  INVITATION_LIFETIME,
  invitationPath,
} from "../../../api/resources/invitation_link.ts";
import type { Advertise } from "../../ports/advertise.ts";
import { actorOf } from "../../rest/authentication.ts";
import { renderConfirmation } from "../confirm_page.ts";
import { renderNewKey } from "../keys/key_page.ts";
import type { AccountRoutesOptions } from "../keys/key_routes.ts";
import type { ServerLayout } from "../layout.ts";
import type { PageEnv } from "../session/sign_in.ts";
import {
  INVITATION_LIFETIMES,
  PARENTS,
  renderInvitationOver,
  renderInvitationsPage,
  renderNewInvitation,
  renderWelcome,
} from "./invitation_page.ts";

/** Longest form of an invited person, in bytes: anyone can send it. */
const MAX_FORM = 4_096;
const LIST = "/users/invitations";

/** The pages of admins. */
export function invitationAdminRoutes(
  { accounts, clock, layout, advertise }: AccountRoutesOptions & {
    readonly advertise: Advertise;
  },
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const as = (context: Context<PageEnv>) =>
    new AccountService(accounts, actorOf(context));

  app.get(LIST, async (context) => {
    const invitations = await as(context).invitations();
    const csrfToken = context.get("csrfToken");
    const now = clock.now();
    const main = renderInvitationsPage({ invitations, now, csrfToken });
    return layout(context, { title: "Invitations", main });
  });

  app.post(LIST, async (context) => {
    const form = await readForm(context);
    const created = await as(context).invite({
      role: PERSON_ROLES.find((each) => each === form.get("role")) ?? "member",
      team: form.get("team") || undefined,
      expiresAt: clock.now() + lifetimeIn(form),
    });
    const { url } = advertise(new URL(context.req.url));
    const link = url + invitationPath(created.token);
    const main = renderNewInvitation(created, link);
    return layout(context, { title: "New invitation", main });
  });

  app.get(`${LIST}/:id/revoke`, async (context) => {
    const id = context.req.param("id");
    // Only admins get further.
    await as(context).invitations();
    const title = `Revoke invitation ${id}?`;
    const main = renderConfirmation({
      title,
      text: "Its link opens nothing from then on.",
      action: `${LIST}/${id}/revoke`,
      parents: [...PARENTS],
      verb: "Revoke invitation",
      csrfToken: context.get("csrfToken"),
    });
    return layout(context, { title, main });
  });

  app.post(`${LIST}/:id/revoke`, async (context) => {
    await as(context).revokeInvitation(context.req.param("id"));
    return context.redirect(LIST, 303);
  });

  return app;
}

/** `GET` and `POST /invitation`, for people who are nobody yet. Opening the link uses nothing up. */
export function guestRoutes(
  { accounts, layout }: {
    readonly accounts: Accounts;
    readonly layout: ServerLayout;
  },
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/invitation", (context) => {
    const token = context.req.query("token") ?? "";
    return show(context, { accounts, layout, token });
  });

  app.post("/invitation", async (context) => {
    const form = await readForm(context, MAX_FORM);
    const token = form.get("invitation") ?? "";
    const user = (form.get("name") ?? "").trim();
    const address = context.env?.remoteAddress;
    try {
      const key = await accounts.invitations.accept(token, user, address);
      context.env?.admit?.();
      const title = `Welcome, ${user}`;
      const main = renderNewKey({ title, key, user, back: "/login" });
      return layout(context, { title, main });
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      context.status(error.code === "nameTaken" ? 409 : 400);
      const refusal = `${error.message}.`;
      return show(context, { accounts, layout, token, name: user, refusal });
    }
  });

  return app;
}

/** The page of a link, or why there is none. */
async function show(
  context: Context<PageEnv>,
  { accounts, layout, ...view }: {
    readonly accounts: Accounts;
    readonly layout: ServerLayout;
    readonly token: string;
    readonly name?: string;
    readonly refusal?: string;
  },
): Promise<Response> {
  try {
    const invitation = await accounts.invitations.check(view.token);
    const main = renderWelcome(invitation, view);
    return await layout(context, { title: "Welcome", main });
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    context.status(error.code === "noSuchInvitation" ? 404 : 410);
    const main = renderInvitationOver(error.message);
    return await layout(context, { title: "No invitation", main });
  }
}

function lifetimeIn(form: URLSearchParams): number {
  const [, , lifetime = INVITATION_LIFETIME] =
    INVITATION_LIFETIMES.find(([value]) => value === form.get("expires")) ?? [];
  return lifetime;
}
