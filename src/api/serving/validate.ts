/** Validates requests against their schemas. The error is one sentence that names the field. */
import type { Context } from "hono";
import type { z } from "zod";
import type { RequestOptions } from "../resources/tunnel_queries.ts";
import { Problem } from "./problem.ts";

const JSON_TYPE = /^application\/json *(;|$)/i;

/**
 * Reads the JSON body of a request.
 *
 * @throws {Problem} 415 if the content type is not JSON, 400 if the body is not JSON or invalid.
 */
export async function readJson<Body>(
  { req }: Context,
  schema: z.ZodType<Body>,
): Promise<Body> {
  // A cross-site form cannot send this type, so the check also guards against those.
  if (!JSON_TYPE.test(req.header("content-type") ?? "")) {
    throw new Problem(
      415,
      "Wrong content type: send the body as application/json",
    );
  }
  return check(parse(await req.text()), { schema, noun: "field" });
}

/**
 * Reads the query of a request.
 *
 * @throws {Problem} 400 if it is invalid or repeats a parameter.
 */
export function readQuery<Query>(
  context: Context,
  schema: z.ZodType<Query>,
): Query {
  return check(textsOf(context), { schema, noun: "parameter" });
}

/**
 * Reads parameters that may be in the query, in a JSON body, or in both.
 *
 * @throws {Problem} 415 if there is a body of another type, 400 if they are
 * invalid, or differ between query and body.
 */
export async function readOptions<Query>(
  context: Context,
  { query, options }: {
    readonly query: z.ZodType<Query>;
    readonly options: z.ZodType<RequestOptions>;
  },
): Promise<Query> {
  const texts = textsOf(context);
  if (await context.req.text() !== "") {
    const fields = await readJson(context, options);
    for (const [name, value] of Object.entries(fields)) {
      const text = String(value);
      if (texts[name] !== undefined && texts[name] !== text) {
        throw new Problem(
          400,
          `Wrong field "${name}": the query has another value`,
        );
      }
      texts[name] = text;
    }
  }
  return check(texts, { schema: query, noun: "parameter" });
}

/** The parameters as they are written. @throws {Problem} 400 if one is repeated. */
function textsOf({ req }: Context): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, values] of Object.entries(req.queries())) {
    const [value = "", ...more] = values;
    if (more.length > 0) {
      throw new Problem(
        400,
        `Wrong query: parameter "${name}" is given twice`,
      );
    }
    query[name] = value;
  }
  return query;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, "Wrong body: it is not JSON");
  }
}

function check<Value>(
  value: unknown,
  { schema, noun }: {
    readonly schema: z.ZodType<Value>;
    readonly noun: "field" | "parameter";
  },
): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw new Problem(400, first ? messageOf(first, noun) : "Wrong request");
}

function messageOf(issue: z.core.$ZodIssue, noun: string): string {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.map((key) => `"${[...path, key].join(".")}"`);
    const plural = names.length > 1 ? "s" : "";
    return `Unknown ${noun}${plural} ${names.join(", ")}`;
  }
  const what = plain(issue.message);
  if (path.length === 0) return `Wrong body: ${what}`;
  return `Wrong ${noun} "${path.join(".")}": ${what}`;
}

/** Zod's message without its prefix: `Invalid input: expected string` becomes `expected string`. */
function plain(message: string): string {
  const rest = message.replace(/^Invalid \w+: /, "");
  return rest.charAt(0).toLowerCase() + rest.slice(1);
}
