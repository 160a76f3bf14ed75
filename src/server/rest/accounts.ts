/**
 * Routes of the REST API for admins: users, organization, audit log.
 *
 * @module
 */
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
import { auditStateOf, userStateOf } from "./account_state.ts";
import { AccountService } from "../accounts/account_service.ts";
import { actorOf, type UserEnv } from "./authentication.ts";
import type { RestApiDependencies } from "./dependencies.ts";
import { route } from "./route.ts";

/** Entries of the audit log in an answer when nobody says how many. */
const AUDIT_ENTRIES = 100;

/** Answers admins about their own organization; everybody else gets 403. */
export function accountRoutes(
  { accounts, registry }: RestApiDependencies,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();
  const as = (context: Context<UserEnv>) =>
    new AccountService(accounts, actorOf(context));
  const nameIn = ({ req }: Context<UserEnv>) => req.param("name") ?? "";

  route(app, getOrganization, ({ context }) => {
    const { organization, users } = as(context);
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
    ({ context }) => ({ users: as(context).users.map(userStateOf) }),
  );

  route(app, createUser, async ({ body: { name, ...place }, context }) => {
    const admin = as(context);
    const access_key = await admin.addUser(name, place);
    return { ...userStateOf(admin.user(name)), access_key };
  });

  route(app, changeUser, async ({ body: { team, ...role }, context }) => {
    const change = team === undefined
      ? role
      : { ...role, team: team ?? undefined };
    return userStateOf(await as(context).changeUser(nameIn(context), change));
  });

  route(app, removeUser, async ({ context }) => {
    const name = nameIn(context);
    await as(context).removeUser(name);
    return { result: true, name };
  });

  route(app, readAudit, ({ query: { since = 0, ...query }, context }) => {
    const entries = as(context).audit({
      limit: AUDIT_ENTRIES,
      since: since * 1000,
      ...query,
    });
    return { entries: entries.map(auditStateOf) };
  });

  return app;
}
