/** Routes for admins: users, organization, audit log. */
// deno-lint-ignore-file camelcase -- the names on the wire
import { type Context, Hono } from "hono";
import {
  changeUser,
  createUser,
  getOrganization,
  listUsers,
  readAudit,
  removeUser,
} from "../../api/operations/account_operations.ts";
import type { ChangeUserRequest } from "../../api/resources/account_resource.ts";
import { auditStateOf, userStateOf } from "./account_state.ts";
import { AccountService } from "../accounts/account_service.ts";
import { actorOf, type UserEnv } from "./authentication.ts";
import type { RestApiDependencies } from "./dependencies.ts";
import { route } from "./route.ts";

/** Default number of audit entries in a response. */
const AUDIT_ENTRIES = 100;

/** Routes for admins of the organization; other users get 403. */
export function accountRoutes(
  { accounts, registry }: RestApiDependencies,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();
  const serviceFor = (context: Context<UserEnv>) =>
    new AccountService(accounts, actorOf(context));
  const nameIn = ({ req }: Context<UserEnv>) => req.param("name") ?? "";

  route(app, getOrganization, ({ context }) => {
    const { organization, users } = serviceFor(context);
    const names = new Set(users.map(({ name }) => name));
    const live = registry.list().filter(({ owner, isStopping }) =>
      !isStopping && names.has(owner)
    );
    return {
      name: organization.name,
      max_tunnels: organization.maxTunnels ?? null,
      active_tunnels: live.length,
      users: names.size,
    };
  });

  route(
    app,
    listUsers,
    ({ context }) => ({ users: serviceFor(context).users.map(userStateOf) }),
  );

  route(app, createUser, async ({ body: { name, ...membership }, context }) => {
    const service = serviceFor(context);
    const access_key = await service.addUser(name, membership);
    return { ...userStateOf(service.user(name)), access_key };
  });

  route(app, changeUser, async ({ body, context }) => {
    const service = serviceFor(context);
    const name = nameIn(context);
    await change(service, name, body);
    return userStateOf(service.user(name));
  });

  route(app, removeUser, async ({ context }) => {
    const name = nameIn(context);
    await serviceFor(context).removeUser(name);
    return { result: true, name };
  });

  route(app, readAudit, async ({ query, context }) => {
    const { since = 0, ...others } = query;
    const entries = await serviceFor(context).audit({
      limit: AUDIT_ENTRIES,
      since: since * 1000,
      ...others,
    });
    return { entries: entries.map(auditStateOf) };
  });

  return app;
}

/** Changes what the body names. */
async function change(
  service: AccountService,
  name: string,
  { disabled, team, ...role }: ChangeUserRequest,
): Promise<void> {
  if (Object.keys(role).length > 0 || team !== undefined) {
    const place = team === undefined ? {} : { team: team ?? undefined };
    await service.changeUser(name, { ...role, ...place });
  }
  if (disabled !== undefined) await service.setDisabled(name, disabled);
}
