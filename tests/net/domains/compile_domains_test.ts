/** Several lists that share one budget. */
import assert from "node:assert/strict";
import {
  compileDomains,
  compileDomainsNow,
  NamedListError,
} from "../../../src/net/domains/compile_domains.ts";

const WAYS = {
  "in slices": compileDomains,
  "at once": (texts: Readonly<Record<string, readonly string[] | undefined>>) =>
    Promise.resolve().then(() => compileDomainsNow(texts)),
} as const;

for (const [how, compile] of Object.entries(WAYS)) {
  Deno.test(`lists are compiled ${how}, empty ones are missing`, async () => {
    const lists = await compile({
      a: ["^shop\\.test$"],
      b: ["all", "-cdn"],
      c: [],
      d: undefined,
    });
    assert.deepEqual(Object.keys(lists), ["a", "b"]);
    assert.equal(lists["a"]?.matches("shop.test"), true);
    assert.equal(lists["a"]?.matches("cdn.test"), false);
    assert.equal(lists["b"]?.matches("shop.test"), true);
    assert.equal(lists["b"]?.matches("cdn.test"), false);
  });

  Deno.test(`a wrong list is named ${how}`, async () => {
    await assert.rejects(
      compile({ a: ["ok"], b: ["sh[op"] }),
      (error) =>
        error instanceof NamedListError && error.list === "b" &&
        error.why.startsWith('invalid regular expression "sh[op"') &&
        error.message === `Cannot use b: ${error.why}`,
    );
  });

  Deno.test(`lists share one budget ${how}`, async () => {
    const list = (letter: string) =>
      Array.from({ length: 20 }, () => letter.repeat(1_000));
    await compile({ a: list("a") });
    await assert.rejects(
      compile({ a: list("a"), b: list("b") }),
      (error) =>
        error instanceof NamedListError && error.list === "b" &&
        /too large/.test(error.why),
    );
  });
}

Deno.test("others have their turn between the lists", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const lists = Object.fromEntries(
    Array.from({ length: 8 }, (_, at) => [`list${at}`, ["x".repeat(1_200)]]),
  );
  await compileDomains(lists);
  clearInterval(timer);
  assert.ok(turns >= 4, `${turns}`);
});
