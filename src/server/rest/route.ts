/** Routes of the REST API, created from declared operations. */
import type { Context, Hono } from "hono";
import type { KeyScope } from "../../api/resources/account_types.ts";
import {
  type AnyOperation,
  noContent,
  type NoQuery,
  type Operation,
  REST_PATH,
  scopesOf,
} from "../../api/operations/operation.ts";
import { OPERATIONS } from "../../api/document/rest_document.ts";
import type { Immutable } from "../../api/resources/immutable.ts";
import { Problem } from "../../api/serving/problem.ts";
import { TUNNEL_ID } from "../../api/resources/tunnel_resource.ts";
import {
  readJson,
  readOptions,
  readQuery,
} from "../../api/serving/validate.ts";
import { checkScope, type UserEnv } from "./authentication.ts";

/** A request for an operation. */
export interface OperationRequest<Query = NoQuery, Body = undefined> {
  /** Name of the user; empty for public operations. */
  readonly user: string;
  /** Scope of the request's key. */
  readonly scope: KeyScope;
  /** The id in the path, or empty text. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  readonly context: Context<UserEnv>;
}

/** Adds a route for `operation` to `app`. It validates requests by the declaration. */
export function route<Content, Query, Body>(
  app: Hono<UserEnv>,
  operation: Operation<Content, Query, Body>,
  handle: (
    request: OperationRequest<Query, Body>,
  ) => Immutable<Content> | Promise<Immutable<Content>>,
): void {
  const { method, path, isPublic = false, reply } = operation;
  const scopes = scopesOf(operation);
  const { status = 200, headers = {} } = reply;
  app.on(method.toUpperCase(), patternOf(path), async (context) => {
    if (!isPublic) checkScope(context.get("key"), scopes);
    const content = await handle({
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

/** The ids of all operations by method and Hono's pattern. */
const IDS: ReadonlyMap<string, string> = new Map(
  OPERATIONS.map(({ id, method, path }) => [
    `${method.toUpperCase()} ${REST_PATH}${patternOf(path)}`,
    id,
  ]),
);

/** The id of the operation that a route of the REST API is for; `undefined` for others. */
export function operationIdOf(
  { method, path }: { readonly method: string; readonly path: string },
): string | undefined {
  return IDS.get(`${method} ${path}`);
}

async function read<Query, Body>(
  context: Context<UserEnv>,
  { query, options, body }: Operation<unknown, Query, Body>,
): Promise<{ query: Query; body: Body }> {
  return {
    query: options === undefined
      ? readQuery(context, query)
      : await readOptions(context, { query, options }),
    body: body === noContent
      ? body.parse(undefined)
      : await readJson(context, body),
  };
}

/**
 * Adds responses with 405 for the methods that the paths of `operations` do not
 * have. It comes after the routes themselves.
 */
export function refuseOtherMethods(
  app: Hono<UserEnv>,
  operations: readonly AnyOperation[],
): void {
  const paths = Map.groupBy(operations, ({ path }) => path);
  for (const [path, group] of paths) {
    const methods = group.map(({ method }) => method.toUpperCase());
    const allowed = methods.includes("GET") ? [...methods, "HEAD"] : methods;
    app.all(patternOf(path), ({ req }) => {
      throw new Problem(
        405,
        `Cannot ${req.method} "${req.path}": use ${methods.join(" or ")}`,
        { "Allow": allowed.join(", ") },
      );
    });
  }
}

/** Hono's pattern for a path such as `/{user}/tunnels/{id}`. */
function patternOf(path: string): string {
  return path.replaceAll(
    /\{(\w+)\}/g,
    (_, name) => name === "id" ? `:id{${TUNNEL_ID}}` : `:${name}`,
  );
}
