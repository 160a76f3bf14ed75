/**
 * The REST API is as its OpenAPI document says: the tests are made from it.
 *
 * @module
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import type { JsonSchema } from "../../src/api/document/json_schema.ts";
import type { OpenApiDocument } from "../../src/api/document/openapi.ts";
import { restDocument } from "../../src/api/document/rest_document.ts";
import {
  CallMaker,
  type Documented,
  type DocumentedCall,
  operationsOf,
  resolverOf,
} from "./documented_calls.ts";
import { RestWorld } from "./rest_world.ts";
import { rightValues, wrongValues } from "../testing/schema_values.ts";

const DOCUMENT: OpenApiDocument = restDocument("1.2.3");

const AJV = new Ajv2020({ allowUnionTypes: true });
// They stand beside a schema so that it can refer to them.
AJV.addKeyword("components");
const compiled = new Map<string, ValidateFunction>();

/** Says what is wrong with a value, or nothing. */
function whyNot(schema: JsonSchema, value: unknown): string | undefined {
  const { components } = DOCUMENT;
  const text = JSON.stringify({ ...schema, components }, withoutOthers);
  const validate = compiled.get(text) ?? AJV.compile(JSON.parse(text));
  compiled.set(text, validate);
  return validate(value) ? undefined : AJV.errorsText(validate.errors);
}

/** No object may have what is not documented. */
function withoutOthers(_name: string, part: JsonSchema): JsonSchema {
  const hasProperties = part?.type === "object" && part.properties;
  return hasProperties ? { additionalProperties: false, ...part } : part;
}

/** Makes the call in a world with a tunnel and a service account, as an admin. */
async function send({ path, call, before }: DocumentedCall): Promise<Response> {
  await using world = await RestWorld.open();
  const { id } = await world.create("lab");
  world.connect(id);
  await world.accounts.setMembership("ann", { role: "admin" });
  await world.accounts.addUser("ci", { role: "service" });
  before?.(world);
  const { id: invitation } = await world.accounts.invitations.create({
    organization: "default",
    team: undefined,
    role: "member",
    expiresAt: Date.now() + 3_600_000,
  });
  const response = await world.call(
    path.replace("{id}", id).replace("{invitation}", invitation),
    call,
  );
  // The content is complete before the world ends.
  return new Response(await response.text(), response);
}

/** Checks a response against what is documented for its status. */
async function checkAnswer(
  response: Response,
  { operation }: Documented,
  about: string,
): Promise<void> {
  const documented = operation.responses[response.status];
  assert.ok(documented, `${about}: ${response.status} is not documented`);
  for (const [name, { schema }] of Object.entries(documented.headers ?? {})) {
    const field = response.headers.get(name);
    const value = schema.type === "integer" ? Number(field) : field;
    assert.equal(whyNot(schema, value), undefined, `${about}: ${name}`);
  }
  const [[type, { schema }] = ["", {}]] = Object.entries(
    documented.content ?? {},
  );
  assert.equal(response.headers.get("content-type"), type, about);
  assert.ok(schema);
  const text = await response.text();
  const value = type === "application/json" ? JSON.parse(text) : text;
  assert.equal(whyNot(schema, value), undefined, `${about}: ${text}`);
}

/** Makes all calls; gives the statuses that came. */
async function sendAll(
  calls: readonly DocumentedCall[],
  documented: Documented,
): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>();
  for (const call of calls) {
    const response = await send(call);
    assert.equal(response.status, call.status, call.about);
    await checkAnswer(response, documented, call.about);
    statuses.add(response.status);
  }
  return statuses;
}

Deno.test("every route is documented, and every operation has a route", async () => {
  await using world = await RestWorld.open();

  const routes = world.routes().map((route) =>
    route.replaceAll(/:(\w+)(\{.*?\}\}?)?/g, "{$1}")
  );

  assert.deepEqual(
    routes.toSorted(),
    operationsOf(DOCUMENT).map(({ method, path }) =>
      `${method} /rest/v1${path}`
    )
      .toSorted(),
  );
});

Deno.test("the document is given to everybody", async () => {
  await using world = await RestWorld.open();

  const response = await world.anonymous("openapi.json");

  assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(DOCUMENT)));
});

Deno.test("operations of the document have names of their own", () => {
  const names = operationsOf(DOCUMENT).map(({ operation }) =>
    operation.operationId
  );

  assert.equal(new Set(names).size, names.length);
});

Deno.test("the values that calls are made of are right and wrong by the schemas", () => {
  const resolve = resolverOf(DOCUMENT);
  const schemas = operationsOf(DOCUMENT).flatMap(({ operation }) => [
    ...Object.values(operation.requestBody?.content ?? {}),
    ...operation.parameters ?? [],
  ]).map(({ schema = {} }) => schema);

  for (const schema of schemas) {
    const right = rightValues(schema, resolve);
    const wrong = wrongValues(schema, resolve);
    assert.ok(right.length > 0 && wrong.length > 0);
    for (const value of right) assert.equal(whyNot(schema, value), undefined);
    for (const value of wrong) {
      assert.notEqual(whyNot(schema, value), undefined);
    }
  }
});

for (const documented of operationsOf(DOCUMENT)) {
  const { operation: { operationId, responses } } = documented;
  const maker = new CallMaker(documented, DOCUMENT);

  Deno.test(`${operationId} responds to right input as documented`, async () => {
    await sendAll(maker.right(), documented);
  });

  Deno.test(`${operationId} refuses wrong input as documented, in every documented way`, async () => {
    const statuses = await sendAll(maker.wrong(), documented);

    const promised = Object.keys(responses).map(Number).slice(1);
    assert.deepEqual([...statuses].toSorted(), promised);
  });
}

Deno.test("every path refuses the methods that it does not have, with those that it has", async () => {
  await using world = await RestWorld.open();
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"];

  for (const [path, operations] of Object.entries(DOCUMENT.paths)) {
    const own = Object.keys(operations).map((each) => each.toUpperCase());
    const url = path.slice(1).replace("{user}", "ann")
      .replace("{id}", "0".repeat(32)).replace(/\{\w+\}/g, "x");
    for (const method of methods.filter((each) => !own.includes(each))) {
      const response = await world.call(url, { method });
      const { error } = await response.json();

      assert.equal(response.status, 405, `${method} ${path}`);
      assert.match(error, new RegExp(`^Cannot ${method} ".*": use `));
      assert.deepEqual(
        response.headers.get("allow")?.split(", ").toSorted(),
        [...own, ...own.includes("GET") ? ["HEAD"] : []].toSorted(),
      );
    }
  }
});

Deno.test("the parameters of every change may be in a JSON body, where SDKs send them", () => {
  const found = operationsOf(DOCUMENT).flatMap(({ method, operation }) => {
    const inQuery = (operation.parameters ?? [])
      .filter((each) => each.in === "query").map(({ name }) => name);
    if (method === "GET" || inQuery.length === 0) return [];
    const { schema = {} } =
      operation.requestBody?.content["application/json"] ?? {};
    const inBody = Object.keys(
      resolverOf(DOCUMENT)(schema).properties ?? {},
    );
    assert.deepEqual(inBody.toSorted(), inQuery.toSorted());
    assert.equal(operation.requestBody?.required, false);
    return [operation.operationId];
  });

  assert.deepEqual(found.toSorted(), ["stopTunnel", "stopTunnels"]);
});
