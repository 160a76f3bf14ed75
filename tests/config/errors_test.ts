/** Several mistakes in one message. */
import assert from "node:assert/strict";
import {
  ConfigError,
  type ConfigErrorCode,
  Mistakes,
} from "../../src/config/errors.ts";

const mistake = (message: string, code: ConfigErrorCode = "badValue") =>
  new ConfigError(code, message);

Deno.test("no mistake throws nothing, one is thrown as it is", () => {
  const mistakes = new Mistakes();
  mistakes.throwIfAny();
  const only = mistake("a");
  mistakes.add(only);
  assert.throws(() => mistakes.throwIfAny(), (error) => error === only);
});

Deno.test("several mistakes have a line each, and the code of the first", () => {
  const mistakes = new Mistakes();
  mistakes.add(mistake("a", "badFile"));
  mistakes.add(mistake("b"));
  assert.throws(() => mistakes.throwIfAny(), {
    name: "ConfigError",
    code: "badFile",
    message: "a\nb",
  });
});

for (
  const [count, end] of [
    [20, "m19"],
    [21, "m19\nThere is 1 more mistake"],
    [22, "m19\nThere are 2 more mistakes"],
  ] as const
) {
  Deno.test(`${count} mistakes end with ${JSON.stringify(end)}`, () => {
    const mistakes = new Mistakes();
    for (let at = 0; at < count; at++) mistakes.add(mistake(`m${at}`));
    assert.throws(
      () => mistakes.throwIfAny(),
      ({ message }: Error) =>
        message.startsWith("m0\nm1\n") && message.endsWith(`\n${end}`),
    );
  });
}

/** What may be the reason that an option seems to be missing. */
const HIDING: Readonly<Record<ConfigErrorCode, boolean>> = {
  unknownName: true,
  unexpectedArgument: true,
  badFile: true,
  missingValue: false,
  badValue: false,
  required: false,
};

for (const [code, hides] of Object.entries(HIDING)) {
  Deno.test(`${code} ${hides ? "may hide" : "hides no"} options`, () => {
    const mistakes = new Mistakes();
    assert.equal(mistakes.mayHideOptions, false);
    mistakes.add(mistake("a", code as ConfigErrorCode));
    assert.equal(mistakes.mayHideOptions, hides);
  });
}

Deno.test("a mistake concerns the option that it names, and no other", () => {
  const mistakes = new Mistakes();
  mistakes.add(mistake("a"), "one");
  mistakes.add(mistake("b"));
  assert.equal(mistakes.concern("one"), true);
  assert.equal(mistakes.concern("two"), false);
});

Deno.test("a check gives its result, its mistake is kept, other failures come out", async () => {
  const mistakes = new Mistakes();
  const other = new TypeError("bug");
  const fail = (error: Error) => () => {
    throw error;
  };
  assert.equal(mistakes.attempt(() => 7), 7);
  assert.equal(await mistakes.attemptLater(Promise.resolve(8)), 8);
  mistakes.throwIfAny();
  assert.equal(mistakes.attempt(fail(mistake("a"))), undefined);
  assert.equal(
    await mistakes.attemptLater(Promise.reject(mistake("b"))),
    undefined,
  );
  assert.throws(() => mistakes.attempt(fail(other)), other);
  await assert.rejects(mistakes.attemptLater(Promise.reject(other)), other);
  assert.throws(() => mistakes.throwIfAny(), { message: "a\nb" });
});
