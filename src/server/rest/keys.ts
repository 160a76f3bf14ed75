/** Routes for access keys: the user's own and, for admins, those of the organization's users. */
// deno-lint-ignore-file camelcase -- the names on the wire
import { Hono } from "hono";
import * as operations from "../../api/operations/account_operations.ts";
import type {
  CreatedKeyReply,
  CreateKeyRequest,
  KeyList,
  RemovedReply,
} from "../../api/resources/account_resource.ts";
import type { NoQuery } from "../../api/operations/operation.ts";
import { Problem } from "../../api/serving/problem.ts";
import { keyStateOf } from "./account_state.ts";
import { AccountService } from "../accounts/account_service.ts";
import { actorOf, type UserEnv } from "./authentication.ts";
import type { RestApiDependencies } from "./dependencies.ts";
import { type OperationRequest, route } from "./route.ts";

/** The routes. A name in the path selects the user; without one it is the user of the request. */
export function keyRoutes(
  { accounts }: Pick<RestApiDependencies, "accounts">,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();
  route(app, operations.listKeys, list);
  route(app, operations.listUserKeys, list);
  route(app, operations.createKey, create);
  route(app, operations.createUserKey, create);
  route(app, operations.revokeKey, revoke);
  route(app, operations.revokeUserKey, revoke);
  return app;

  function list({ user, context }: OperationRequest): KeyList {
    const name = context.req.param("name") ?? user;
    const keys = new AccountService(accounts, actorOf(context)).keysOf(name);
    return { keys: keys.map((key) => keyStateOf(name, key)) };
  }

  async function create(
    { user, body, context }: OperationRequest<NoQuery, CreateKeyRequest>,
  ): Promise<CreatedKeyReply> {
    const owner = context.req.param("name") ?? user;
    const { name, scope, expires_in: seconds } = body;
    const expiresAt = seconds && Date.now() + seconds * 1000;
    const service = new AccountService(accounts, actorOf(context));
    const access_key = await service.addKey(owner, { name, scope, expiresAt });
    const created = service.keysOf(owner).find((key) => key.name === name);
    // It may have been revoked in the meantime.
    if (created === undefined) {
      throw new Problem(404, `Cannot find key "${name}"`);
    }
    return { ...keyStateOf(owner, created), access_key };
  }

  async function revoke(
    { user, context }: OperationRequest,
  ): Promise<RemovedReply> {
    const owner = context.req.param("name") ?? user;
    const name = context.req.param("key") ?? "";
    const service = new AccountService(accounts, actorOf(context));
    await service.revokeKey(owner, name);
    return { result: true, name };
  }
}
