/** Plants every violation that the rules of `homes.ts` are there for. @module */
import assert from "node:assert/strict";
import homes from "./homes.ts";
import project from "../../deno.json" with { type: "json" };

function messages(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(homes, filename, source)
    .map(({ message }) => message);
}

Deno.test("packages lets a package in where the table says so", () => {
  assert.deepEqual(messages("/p/src/config/x.ts", `import "zod";`), []);
  assert.deepEqual(
    messages("/p/src/tunnel/protocol.ts", `import "zod/mini";`),
    [],
  );
  assert.deepEqual(
    messages("/p/src/server/x.ts", `import "hono/streaming";`),
    [],
  );
  assert.deepEqual(messages("/p/src/net/x.ts", `import "node:crypto";`), []);
  assert.deepEqual(
    messages("/p/tests/x_test.ts", `import "playwright-core";`),
    [],
  );
});

Deno.test.each([
  ["tunnel/x.ts", "zod"],
  ["net/x.ts", "hono"],
  ["proxy/x.ts", "hono"],
  ["server/x.ts", "playwright-core"],
  ["http2/x.ts", "node:http2"],
  ["net/x.ts", "node:net"],
])("packages keeps it out: %s imports %s", (path, name) => {
  assert.deepEqual(messages(`/p/src/${path}`, `import "${name}";`), [
    `"${name}" may not be imported in "${path}"`,
  ]);
});

Deno.test("packages reports a package that the table does not know", () => {
  assert.deepEqual(messages("/p/src/cli/x.ts", `import "lodash/fp";`), [
    `"lodash" has no home`,
  ]);
});

Deno.test("packages knows every dependency of the project", () => {
  for (const name of Object.keys(project.imports)) {
    const [message] = messages("/p/src/nowhere/x.ts", `import "${name}";`);

    assert.equal(message, `"${name}" may not be imported in "nowhere/x.ts"`);
  }
});

Deno.test("platform keeps Deno.* in the files that are there for it", () => {
  const source = `await Deno.readTextFile("a"); new Deno.Command("b");`;

  assert.deepEqual(messages("/p/src/net/tls/start_tls_client.ts", source), []);
  assert.deepEqual(messages("/p/src/server/accounts/accounts.ts", source), []);
  assert.deepEqual(messages("/p/tests/testing/a.ts", source), []);
  assert.deepEqual(messages("/p/src/server/tunnels/registry.ts", source), [
    `"server/tunnels/registry.ts" may not reach for Deno.readTextFile`,
    `"server/tunnels/registry.ts" may not reach for Deno.Command`,
  ]);
});

Deno.test("platform lets types and the classes of errors be named", () => {
  const source = `
    function f(conn: Deno.Conn, e: unknown): boolean {
      return e instanceof Deno.errors.NotFound;
    }
  `;

  assert.deepEqual(messages("/p/src/proxy/errors.ts", source), []);
});
