/* What is a plugin and what is not. */
import assert from "node:assert/strict";
import { checkPlugin } from "../../../src/plugin/loading/check_plugin.ts";

Deno.test("checkPlugin() takes the name from the file unless there is one", () => {
  const named = checkPlugin({ default: { name: "other" } }, "pin_dns");
  const unnamed = checkPlugin({ default: {} }, "pin_dns");

  assert.equal(named.name, "other");
  assert.equal(unnamed.name, "pin_dns");
});

Deno.test("checkPlugin() takes an object of a class, its methods and all", () => {
  class Counting {
    #count = 0;
    request(): void {
      this.#count += 1;
    }
    async [Symbol.asyncDispose](): Promise<void> {}
  }

  const { plugin } = checkPlugin({ default: new Counting() }, "a");

  assert.equal(typeof plugin.request, "function");
});

Deno.test("checkPlugin() lets an object of a class keep state and helpers, but finds misspelt hooks", () => {
  class Counting {
    count = 0;
    readonly hosts = new Set<string>();
    request(): void {
      this.add();
    }
    add(): void {
      this.count += 1;
    }
  }
  class Misspelt extends Counting {
    respnse(): void {}
  }

  const { plugin } = checkPlugin({ default: new Counting() }, "a");

  assert.equal(typeof plugin.request, "function");
  assert.throws(() => checkPlugin({ default: new Misspelt() }, "a"), {
    message: 'unknown hook "respnse", did you mean "response"?',
  });
});

Deno.test("checkPlugin() prefers the name that the configuration gives", () => {
  const exported = { default: { name: "own" } };

  assert.equal(checkPlugin(exported, "file", "given").name, "given");
  assert.throws(
    () => checkPlugin(exported, "file", "a b"),
    /its name is "a b"/,
  );
});

Deno.test.each<[Record<string, unknown>, RegExp]>([
  [{}, /^it has no default export, add "export default/],
  [{ default: () => {} }, /its default export is a function, export an object/],
  [
    { default: class Shop {} },
    /its default export is a class, export an object of it: "new …\(\)"$/,
  ],
  [{ default: "x" }, /its default export is a string/],
  [{ default: [] }, /its default export is an array/],
  [{ default: null }, /its default export is nothing/],
  [
    { default: { reslove() {} } },
    /unknown hook "reslove", did you mean "resolve"\?/,
  ],
  [
    { default: { onRequest() {} } },
    /unknown hook "onRequest", did you mean "request"\?/,
  ],
  [
    { default: { Response() {} } },
    /unknown hook "Response", did you mean "response"\?/,
  ],
  [
    { default: { table: {} } },
    /unknown hook "table", hooks are setup, connect/,
  ],
  [
    { default: { [Symbol.dispose]() {} } },
    /did you mean "\[Symbol.asyncDispose\]"\?/,
  ],
  [{ default: { request: "x" } }, /"request" is a string, make it a function/],
  [{ default: { name: "a b" } }, /its name is "a b", use 1 to 64/],
  [
    { default: { mach: {} } },
    /unknown hook "mach", did you mean "match"\?/,
  ],
  [{ default: { match: "/api" } }, /its "match" is a string, use \{ host/],
  [{ default: { name: 7 } }, /its name is 7/],
  [
    { default: {}, options: {} },
    /its export "options" is an Object, use a schema/,
  ],
])("checkPlugin() says what is wrong: %#", (exported, message) => {
  assert.throws(() => checkPlugin(exported, "a"), {
    name: "TypeError",
    message,
  });
});
