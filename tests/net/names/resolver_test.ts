/** @module */
import assert from "node:assert/strict";
import {
  firstAnswer,
  type Resolver,
  systemResolver,
  tableResolver,
} from "../../../src/net/names/resolver.ts";

const { signal } = new AbortController();

const untouched: Resolver = () => assert.fail("The resolver was asked");
const silent: Resolver = () => new Promise(() => {});

Deno.test("systemResolver() knows localhost", async () => {
  const addresses = await systemResolver("localhost");

  assert.ok(
    addresses?.some((ip) => ip === "127.0.0.1" || ip === "::1"),
    String(addresses),
  );
});

Deno.test("systemResolver() finds nothing for a name that does not exist", async () => {
  assert.equal(await systemResolver("nobody.invalid"), undefined);
});

Deno.test("tableResolver() looks in its table, whatever the case of the name", async () => {
  const resolve = tableResolver({ "a.test": ["10.0.0.1", "10.0.0.2"] });

  assert.deepEqual(await resolve("A.Test", signal), ["10.0.0.1", "10.0.0.2"]);
  assert.equal(await resolve("b.test", signal), undefined);
  assert.equal(await resolve("constructor", signal), undefined);
});

Deno.test("firstAnswer() tries another resolver when one does not know the name", async () => {
  const resolve = firstAnswer(
    tableResolver({ "a.test": [] }),
    tableResolver({ "a.test": ["10.0.0.1"] }),
    untouched,
  );

  assert.deepEqual(await resolve("a.test", signal), ["10.0.0.1"]);
});

Deno.test("firstAnswer() finds nothing when no resolver does", async () => {
  const resolve = firstAnswer(tableResolver({}), tableResolver({}));

  assert.equal(await resolve("a.test", signal), undefined);
});

Deno.test("firstAnswer() gives an IP address to no resolver", async () => {
  const resolve = firstAnswer(untouched);

  assert.deepEqual(await resolve("127.0.0.1", signal), ["127.0.0.1"]);
  assert.deepEqual(await resolve("::1", signal), ["::1"]);
});

Deno.test("firstAnswer() looks up numbers that only some programs take for an address", async () => {
  const resolve = firstAnswer(tableResolver({ "127.1": ["10.0.0.1"] }));

  assert.deepEqual(await resolve("127.1", signal), ["10.0.0.1"]);
});

Deno.test("firstAnswer() stops waiting for a resolver when the signal is aborted", async () => {
  const stop = new AbortController();
  const resolving = firstAnswer(silent)("a.test", stop.signal);

  stop.abort(new RangeError("enough"));

  await assert.rejects(resolving, { message: "enough" });
});

Deno.test("firstAnswer() throws what a resolver throws", async () => {
  const broken: Resolver = () => Promise.reject(new RangeError("broken"));

  await assert.rejects(firstAnswer(broken, untouched)("a.test", signal), {
    message: "broken",
  });
});
