/** Routes for admins: links by which people become users. */
import { Hono } from "hono";
import {
  createInvitation,
  listInvitations,
  revokeInvitation,
} from "../../api/operations/account_operations.ts";
import { AccountService } from "../accounts/account_service.ts";
import {
  INVITATION_LIFETIME,
  invitationPath,
} from "../../api/resources/invitation_link.ts";
import { invitationStateOf } from "./account_state.ts";
import { actorOf, type UserEnv } from "./authentication.ts";
import type { RestApiDependencies } from "./dependencies.ts";
import { route } from "./route.ts";

/** Routes for admins of the organization; other users get 403. */
export function invitationRoutes(
  { accounts, advertise }: Pick<RestApiDependencies, "accounts" | "advertise">,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();

  route(app, listInvitations, async ({ context }) => {
    const service = new AccountService(accounts, actorOf(context));
    const invitations = await service.invitations();
    return { invitations: invitations.map(invitationStateOf) };
  });

  route(app, createInvitation, async ({ body, context }) => {
    const { expires_in, ...membership } = body;
    const lifetime = expires_in === undefined
      ? INVITATION_LIFETIME
      : expires_in * 1000;
    const { token, ...invitation } = await new AccountService(
      accounts,
      actorOf(context),
    ).invite({ ...membership, expiresAt: Date.now() + lifetime });
    const { url: site } = advertise(new URL(context.req.url));
    const url = site + invitationPath(token);
    return { ...invitationStateOf(invitation), url };
  });

  route(app, revokeInvitation, async ({ context }) => {
    const name = context.req.param("invitation") ?? "";
    const service = new AccountService(accounts, actorOf(context));
    await service.revokeInvitation(name);
    return { result: true, name };
  });

  return app;
}
