/**
 * Operations of a web API. Each is declared once: its route validates requests
 * by the declaration, and its documentation is generated from it.
 */
import { z } from "zod";
import type { KeyScope } from "../resources/account_types.ts";
import type { RequestOptions } from "../resources/tunnel_queries.ts";

/** The prefix of all paths of the REST API. */
export const REST_PATH = "/rest/v1";

/** The query of operations that take none. */
export type NoQuery = Readonly<Record<string, never>>;

/** The body of operations without one; what a client sends is ignored. */
export const noContent: z.ZodType<undefined> = z.undefined();

/** Neither query nor body, to spread into a declaration. */
export const NO_INPUT: {
  readonly query: z.ZodType<NoQuery>;
  readonly body: z.ZodType<undefined>;
} = { query: z.strictObject({}), body: noContent };

/** The successful response of an operation. */
export interface SuccessReply<Content = unknown> {
  readonly summary: string;
  /** 200 by default. */
  readonly status?: 200 | 201;
  /** Media type; JSON by default. */
  readonly type?: string;
  /** Of the body; anything by default. */
  readonly schema?: z.ZodType<Content>;
  /** Fields with constant values. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why an operation fails for a while; `Retry-After` says how long. */
export interface Delay {
  readonly delay: string;
}

/** One operation of an API. */
export interface Operation<
  Content = unknown,
  Query = NoQuery,
  Body = undefined,
> {
  /** Its name in code that is generated from the document. */
  readonly id: string;
  readonly method: "get" | "post" | "delete";
  /** In the syntax of OpenAPI: `/{user}/tunnels`. */
  readonly path: string;
  /** Its section in the document. */
  readonly group: string;
  readonly summary: string;
  /** More about it, in full sentences. */
  readonly details?: string;
  /** Whether it needs no credentials. */
  readonly isPublic?: boolean;
  /** Scopes of keys that permit it, besides `all`. By default `read` for GET, and none for other methods. */
  readonly scopes?: readonly KeyScope[];
  /** Of its query parameters; strict. */
  readonly query: z.ZodType<Query>;
  /** The parameters of its query as fields of a JSON body, where clients may send them too. */
  readonly options?: z.ZodType<RequestOptions>;
  /** Of its JSON body, or {@linkcode noContent}. */
  readonly body: z.ZodType<Body>;
  readonly reply: SuccessReply<Content>;
  /** Its errors by status, besides those of all operations. */
  readonly problems?: Readonly<Record<number, string | Delay>>;
}

/** Scopes of keys that permit an operation, besides `all`. */
export function scopesOf(
  { method, scopes = method === "get" ? ["read"] : [] }: Pick<
    AnyOperation,
    "method" | "scopes"
  >,
): readonly KeyScope[] {
  return scopes;
}

/** Any operation. */
export type AnyOperation = Operation<unknown, unknown, unknown>;
