/** Plants every violation that the rules of `layers.ts` are there for. @module */
import assert from "node:assert/strict";
import { join } from "node:path";
import layers from "./layers.ts";

function messages(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(layers, filename, source)
    .map(({ id, message }) => `${id}: ${message}`);
}

Deno.test("down-only lets a file import its own folder and lower layers", () => {
  const source = `
    import { a } from "./a.ts";
    import { b } from "../net/b.ts";
    import type { C } from "../../log/c.ts";
    import { d } from "zod";
  `;

  assert.deepEqual(messages("/p/src/tunnel/x.ts", source), []);
  assert.deepEqual(
    messages("/p/src/http2/hpack/x.ts", `import "../frame.ts";`),
    [],
  );
});

Deno.test.each([
  [`import { a } from "../proxy/a.ts";`, "proxy"],
  [`import type { A } from "../client/a.ts";`, "client"],
  [`export { a } from "../cli/a.ts";`, "cli"],
  [`export * from "../cli/a.ts";`, "cli"],
  [`await import("../server/a.ts");`, "server"],
  [`type A = import("../server/a.ts").A;`, "server"],
])("down-only reports %s in tunnel", (source, to) => {
  assert.deepEqual(messages("/p/src/tunnel/x.ts", source), [
    `layers/down-only: "tunnel" may not import "${to}"`,
  ]);
});

Deno.test("down-only reports a folder that has no layer", () => {
  assert.deepEqual(
    messages("/p/src/utils/x.ts", `import "../net/a.ts";`),
    [`layers/down-only: "utils" has no layer`],
  );
  assert.deepEqual(
    messages("/p/src/net/x.ts", `import "../utils/a.ts";`),
    [`layers/down-only: "utils" has no layer`],
  );
});

Deno.test("product-only keeps tests and plugins out of the product", () => {
  const expected = [
    `layers/product-only: The product may not import "tests/"`,
  ];

  assert.deepEqual(
    messages("/p/src/net/x.ts", `import "../../tests/testing/origin.ts";`),
    expected,
  );
  assert.deepEqual(messages("/p/mod.ts", `import "./tests/a.ts";`), expected);
  assert.deepEqual(
    messages("/p/main.ts", `import "./plugins/add_header.ts";`),
    [`layers/product-only: The product may not import "plugins/"`],
  );
  assert.deepEqual(
    messages("/p/tests/a_test.ts", `import "./testing/a.ts";`),
    [],
  );
});

Deno.test("no-cycle finds a circle of values, and lets types be", async (t) => {
  const root = await Deno.makeTempDir();
  const folder = join(root, "src", "net");
  await Deno.mkdir(folder, { recursive: true });
  const file = (name: string) => join(folder, name).replaceAll("\\", "/");
  await Deno.writeTextFile(file("b.ts"), `import { c } from "./c.ts";\n`);
  await Deno.writeTextFile(
    file("c.ts"),
    `import {\n  a,\n} from "./a.ts";\nexport const c = a;\n`,
  );
  await Deno.writeTextFile(
    file("t.ts"),
    `import type { A } from "./a.ts";\nexport type T = A;\n`,
  );

  await t.step("through two files", () => {
    assert.deepEqual(messages(file("a.ts"), `import { b } from "./b.ts";`), [
      "layers/no-cycle: This import leads back to the file it stands in",
    ]);
  });
  await t.step("not when one link takes only types", () => {
    assert.deepEqual(
      messages(file("a.ts"), `import { T } from "./t.ts";`),
      [],
    );
    assert.deepEqual(
      messages(file("a.ts"), `import type { B } from "./b.ts";`),
      [],
    );
  });

  await Deno.remove(root, { recursive: true });
});
