/**
 * Routes of the REST API, made from the operations that they answer.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import type { KeyScope } from "../../api/resources/account_types.ts";
import {
  noContent,
  type NoQuery,
  type Operation,
  scopesOf,
} from "../../api/operations/operation.ts";
import type { Immutable } from "../../api/resources/immutable.ts";
import { TUNNEL_ID } from "../../api/resources/tunnel_resource.ts";
import { readJson, readQuery } from "../../api/serving/validate.ts";
import { checkScope, type UserEnv } from "./authentication.ts";

/** What an operation is asked. */
export interface OperationRequest<Query = NoQuery, Body = undefined> {
  /** Who asks; nobody where anybody may. */
  readonly user: string;
  /** What the key opens that they have given. */
  readonly scope: KeyScope;
  /** The id in the path; empty where there is none. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  readonly context: Context<UserEnv>;
}

/** Answers `operation` in `app`: what is asked fits the declaration. */
export function route<Content, Query, Body>(
  app: Hono<UserEnv>,
  operation: Operation<Content, Query, Body>,
  answer: (
    request: OperationRequest<Query, Body>,
  ) => Immutable<Content> | Promise<Immutable<Content>>,
): void {
  const { method, path, isPublic = false, reply } = operation;
  const scopes = scopesOf(operation);
  const { status = 200, headers = {} } = reply;
  app.on(method.toUpperCase(), patternOf(path), async (context) => {
    if (!isPublic) checkScope(context.get("key"), scopes);
    const content = await answer({
      user: context.get("user") ?? "",
      scope: context.get("key")?.scope ?? "read",
      id: context.req.param("id") ?? "",
      ...await read(context, operation),
      context,
    });
    for (const [name, value] of Object.entries(headers)) {
      context.header(name, value);
    }
    if (reply.type === undefined) return context.json(content, status);
    context.header("Content-Type", reply.type);
    return context.body(String(content), status);
  });
}

async function read<Query, Body>(
  context: Context<UserEnv>,
  { query, body }: Operation<unknown, Query, Body>,
): Promise<{ query: Query; body: Body }> {
  return {
    query: readQuery(context, query),
    body: body === noContent
      ? body.parse(undefined)
      : await readJson(context, body),
  };
}

/** `/{user}/tunnels/{id}` as Hono writes it. */
function patternOf(path: string): string {
  return path.replaceAll(
    /\{(\w+)\}/g,
    (_, name) => name === "id" ? `:id{${TUNNEL_ID}}` : `:${name}`,
  );
}
