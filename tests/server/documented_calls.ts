/**
 * Calls of the REST API, made from its OpenAPI document: right ones, and wrong
 * ones with the status that the document promises.
 *
 * @module
 */
import type { JsonSchema } from "../../src/api/document/json_schema.ts";
import type {
  OpenApiDocument,
  OpenApiOperation,
} from "../../src/api/document/openapi.ts";
import { RequestLimit } from "../../src/server/rest/request_limits.ts";
import { rightValues, wrongValues } from "../testing/schema_values.ts";
import type { Call, RestWorld } from "./rest_world.ts";

/** An operation, and where it is in the document. */
export interface Documented {
  readonly method: string;
  /** As the document writes it. */
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** A request that is made from the document. */
export interface DocumentedCall {
  /** What is special about it. */
  readonly about: string;
  /** The status that must come. */
  readonly status: number;
  /** The path with its query; `{id}` is for the id of a tunnel of Ann's, `{invitation}` for that of an invitation. */
  readonly path: string;
  readonly call: Call;
  /** Changes the world before. */
  readonly before?: (world: RestWorld) => void;
}

const JSON_TYPE = "application/json";

/** All operations of a document. */
export function operationsOf({ paths }: OpenApiDocument): Documented[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    }))
  );
}

/** Follows `$ref` into the components of a document. */
export function resolverOf(
  { components }: OpenApiDocument,
): (schema: JsonSchema) => JsonSchema {
  return ({ $ref, ...schema }) => {
    if ($ref === undefined) return schema;
    const found = components.schemas[$ref.split("/").at(-1) ?? ""];
    if (found === undefined) throw new TypeError(`There is no ${$ref}`);
    return found;
  };
}

/** Makes calls of one operation. */
export class CallMaker {
  readonly #documented: Documented;
  readonly #resolve: (schema: JsonSchema) => JsonSchema;

  constructor(documented: Documented, document: OpenApiDocument) {
    this.#documented = documented;
    this.#resolve = resolverOf(document);
  }

  /** Calls that must succeed: each parameter and field with each kind of value. */
  right(): DocumentedCall[] {
    const usual = this.#usualBody();
    const status = this.#success;
    const queries = [
      {},
      ...this.#parameters().flatMap(({ name, schema }) =>
        rightValues(schema, this.#resolve)
          .map((value) => ({ [name]: String(value) }))
      ),
    ];
    return [
      ...queries.map((query) => this.#call({ query, body: usual, status })),
      ...this.#rightBodies().map((body) =>
        this.#call({ ...this.#bare(body), body, status })
      ),
    ];
  }

  /** A body that may be left out has what is otherwise in the query. */
  get #isOptional(): boolean {
    return this.#documented.operation.requestBody?.required === false;
  }

  /** The body of calls about other things. */
  #usualBody(): unknown {
    return this.#isOptional ? undefined : this.#rightBodies()[0];
  }

  /** A query with what the body leaves out, if both have the same parameters. */
  #bare(body: unknown): { readonly query?: string } {
    if (!this.#isOptional) return {};
    const needed = Object.entries(this.#needed()).filter(([name]) =>
      typeof body !== "object" || body === null || !Object.hasOwn(body, name)
    );
    return { query: String(new URLSearchParams(needed)) };
  }

  /** Calls that must be refused. */
  wrong(): DocumentedCall[] {
    return [
      ...this.#wrongQueries(),
      ...this.#wrongBodies(),
      ...this.#wrongUsers(),
      ...this.#wrongIds(),
      ...this.#wrongMoments(),
    ];
  }

  get #success(): number {
    return Number(Object.keys(this.#documented.operation.responses)[0]);
  }

  #parameters(): { name: string; schema: JsonSchema; required: boolean }[] {
    const { parameters = [] } = this.#documented.operation;
    return parameters.filter((each) => each.in === "query");
  }

  #bodySchema(): JsonSchema | undefined {
    return this.#documented.operation.requestBody?.content[JSON_TYPE]?.schema;
  }

  #rightBodies(): unknown[] {
    const schema = this.#bodySchema();
    return schema === undefined ? [] : rightValues(schema, this.#resolve);
  }

  #wrongQueries(): DocumentedCall[] {
    const parameters = this.#parameters();
    const refused = (query: Record<string, string> | string) =>
      this.#call({ query, status: 400 });
    return [
      refused({ unheard: "1" }),
      ...parameters.flatMap(({ name, schema }) =>
        wrongValues(schema, this.#resolve)
          // Everything in a query is text; most text is not a number.
          .filter((value) =>
            typeof value === "string" || schema.type !== "string"
          )
          .map((value) => refused({ [name]: String(value) }))
      ),
      ...parameters.map(({ name, schema }) => {
        const [value] = rightValues(schema, this.#resolve);
        const once = String(new URLSearchParams({ [name]: String(value) }));
        return refused(`${once}&${once}`);
      }),
      ...parameters.filter(({ required }) => required)
        .map(({ name }) => refused({ [name]: "" })),
    ];
  }

  #wrongBodies(): DocumentedCall[] {
    const schema = this.#bodySchema();
    if (schema === undefined) return [];
    const [usual] = this.#rightBodies();
    const without = this.#isOptional ? [] : [
      this.#call({
        about: "no content",
        status: 400,
        headers: { "Content-Type": JSON_TYPE },
      }),
    ];
    return [
      ...wrongValues(schema, this.#resolve)
        .map((body) => this.#call({ ...this.#bare(body), body, status: 400 })),
      ...without,
      this.#call({
        body: usual,
        status: 415,
        headers: { "Content-Type": "text/plain" },
      }),
      this.#call({ body: "x".repeat(1024 * 1024), status: 413 }),
    ];
  }

  #wrongUsers(): DocumentedCall[] {
    const { method, operation } = this.#documented;
    const body = this.#usualBody();
    const site = { "Sec-Fetch-Site": "cross-site" };
    const elsewhere = method === "GET" ? [] : [
      this.#call({ about: "another site", body, status: 403, headers: site }),
    ];
    if (operation.security !== undefined) return elsewhere;
    const nobody = { "Authorization": "" };
    return [
      ...elsewhere,
      this.#call({
        about: "another scope",
        body,
        status: 403,
        call: { scope: "use" },
      }),
      this.#call({ about: "nobody", body, status: 401, headers: nobody }),
      this.#call({ about: "wrong key", body, status: 401, call: { key: "x" } }),
      this.#call({
        about: "unknown user",
        body,
        status: 401,
        call: { user: "eve" },
      }),
      this.#call({
        about: "another user",
        body,
        status: 404,
        call: { user: "bob" },
      }),
    ];
  }

  #wrongIds(): DocumentedCall[] {
    const { path } = this.#documented;
    const parts = ["id", "name", "key", "invitation"].filter((part) =>
      path.includes(`{${part}}`)
    );
    const body = this.#usualBody();
    return parts.flatMap((part) =>
      ["0".repeat(32), "short"].map((id) => ({
        ...this.#call({ about: `${part} ${id}`, body, status: 404 }),
        path: this.#pathOf({ [part]: id }),
      }))
    );
  }

  #wrongMoments(): DocumentedCall[] {
    const body = this.#usualBody();
    const none = new RequestLimit({ burst: 0, perSecond: 1 });
    const calls = [{
      ...this.#call({ about: "too often", body, status: 429 }),
      before(world: RestWorld) {
        world.limits = { ...world.limits, addresses: none };
      },
    }];
    const { path, operation: { responses } } = this.#documented;
    if (responses["409"] !== undefined) {
      const name = path.endsWith("/users") ? "bob" : "default";
      const content = typeof body === "object" ? { ...body, name } : body;
      calls.push({
        ...this.#call({ about: "taken name", body: content, status: 409 }),
        before() {},
      });
    }
    const refused = responses["503"];
    if (refused === undefined) return calls;
    const isWhileStopping = refused.headers !== undefined;
    return [...calls, {
      ...this.#call({ about: "not now", body, status: 503 }),
      before(world: RestWorld) {
        world.isStopping = isWhileStopping;
        world.probeResult = { ok: false, error: "The tunnel has no session" };
      },
    }];
  }

  #pathOf(parts: Readonly<Record<string, string>> = {}): string {
    const known = { user: "ann", ...this.#names(), ...parts };
    return Object.entries(known).reduce(
      (path, [name, value]) => path.replace(`{${name}}`, value),
      this.#documented.path.slice(1),
    );
  }

  /** A user and a key that the world has. */
  #names(): { readonly name: string; readonly key: string } {
    return this.#documented.path.includes("{name}/keys")
      ? { name: "ci", key: "default" }
      : { name: "bob", key: "read" };
  }

  #call(
    { about = "", query = {}, body, headers = {}, call = {}, status }: {
      readonly about?: string;
      readonly query?: Readonly<Record<string, string>> | string;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly call?: Call;
      readonly status: number;
    },
  ): DocumentedCall {
    const search = typeof query === "string"
      ? query
      : String(new URLSearchParams({ ...this.#needed(), ...query }));
    return {
      about: `${about} ${search} ${JSON.stringify(body)?.slice(0, 100)}`,
      status,
      path: this.#pathOf() + (search === "" ? "" : `?${search}`),
      call: { method: this.#documented.method, body, headers, ...call },
    };
  }

  /** Parameters that must be there. */
  #needed(): Record<string, string> {
    return Object.fromEntries(
      this.#parameters().filter(({ required }) => required).map((
        { name, schema },
      ) => [name, String(rightValues(schema, this.#resolve)[0])]),
    );
  }
}
