/**
 * Operations of a web API, each declared once: its route validates by the
 * declaration, its documentation is made of it.
 *
 * @module
 */
import { z } from "zod";
import type { KeyScope } from "../resources/account_types.ts";

/** The query of operations that take none. */
export type NoQuery = Readonly<Record<string, never>>;

/** Where an operation asks for no content, what is sent is not looked at. */
export const noContent: z.ZodType<undefined> = z.undefined();

/** What is asked of most operations: nothing. To spread into a declaration. */
export const NO_INPUT: {
  readonly query: z.ZodType<NoQuery>;
  readonly body: z.ZodType<undefined>;
} = { query: z.strictObject({}), body: noContent };

/** What an operation answers when all is well. */
export interface Reply<Content = unknown> {
  readonly summary: string;
  /** 200 unless given. */
  readonly status?: 200 | 201;
  /** Media type; JSON unless given. */
  readonly type?: string;
  /** Of the content; anything unless given. */
  readonly schema?: z.ZodType<Content>;
  /** Fields that are always the same. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why something is refused for a while; the answer says in `Retry-After` how long. */
export interface Delay {
  readonly delay: string;
}

/** One operation of an API. */
export interface Operation<
  Content = unknown,
  Query = NoQuery,
  Body = undefined,
> {
  /** Names it in programs that are made from the document. */
  readonly id: string;
  readonly method: "get" | "post" | "delete";
  /** As OpenAPI writes it: `/{user}/tunnels`. */
  readonly path: string;
  /** Which operations it stands beside. */
  readonly group: string;
  readonly summary: string;
  /** More about it, in sentences. */
  readonly details?: string;
  /** Whether anybody may ask, without credentials. */
  readonly isPublic?: boolean;
  /** Which keys will do besides those of scope `all`; those for reading unless given, where nothing is changed. */
  readonly scopes?: readonly KeyScope[];
  /** Of its parameters; strict. */
  readonly query: z.ZodType<Query>;
  /** Of its JSON content, or {@linkcode noContent}. */
  readonly body: z.ZodType<Body>;
  readonly reply: Reply<Content>;
  /** What it may refuse and why, by status, besides what all refuse. */
  readonly problems?: Readonly<Record<number, string | Delay>>;
}

/** Which keys will do for an operation besides those of scope `all`. */
export function scopesOf(
  { method, scopes = method === "get" ? ["read"] : [] }: Pick<
    AnyOperation,
    "method" | "scopes"
  >,
): readonly KeyScope[] {
  return scopes;
}

/** Any of them. */
export type AnyOperation = Operation<unknown, unknown, unknown>;
