/** Plants every violation that the rules of `layers.ts` are there for. @module */
import assert from "node:assert/strict";
import { join } from "node:path";
import layers, { ROOMS } from "./layers.ts";

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
    messages("/p/src/server/web/x.ts", `import "../tls/a.ts";`),
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

Deno.test("the rules read the paths of Windows", () => {
  assert.deepEqual(
    messages("C:\\p\\src\\tunnel\\x.ts", `import "../cli/a.ts";`),
    [`layers/down-only: "tunnel" may not import "cli"`],
  );
  assert.deepEqual(messages("C:\\p\\mod.ts", `import "./tests/a.ts";`), [
    `layers/product-only: The product may not import "tests/"`,
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
    messages(
      "/p/main.ts",
      `import a from "./plugins/a.json" with { type: "json" };`,
    ),
    [`layers/product-only: The product may not import "plugins/"`],
  );
  assert.deepEqual(
    messages(
      "/p/main.ts",
      `import a from "./plugins/a.ts" with { type: "text" };`,
    ),
    [],
  );
  assert.deepEqual(
    messages(
      "/p/main.ts",
      `import a from "./tests/a.ts" with { type: "text" };`,
    ),
    expected,
  );
  assert.deepEqual(
    messages("/p/tests/a_test.ts", `import "./testing/a.ts";`),
    [],
  );
});

Deno.test("rooms-down-only lets a file import its own room and lower rows", () => {
  const source = `
    import { a } from "./a.ts";
    import { b } from "../frames/b.ts";
    import type { C } from "../errors.ts";
    import { d } from "../../net/d.ts";
  `;

  assert.deepEqual(messages("/p/src/http2/stream/x.ts", source), []);
  assert.deepEqual(
    messages("/p/src/http2/client.ts", `import "./connection/a.ts";`),
    [],
  );
  assert.deepEqual(messages("/p/src/log/x.ts", `import "./any/a.ts";`), []);
});

Deno.test.each([
  ["stream/x.ts", `import { a } from "../connection/a.ts";`, "connection"],
  ["stream/x.ts", `import type { A } from "../connection/a.ts";`, "connection"],
  ["stream/x.ts", `export { a } from "../client.ts";`, "client.ts"],
  ["stream/x.ts", `await import("../server.ts");`, "server.ts"],
  ["errors.ts", `import { a } from "./frames/a.ts";`, "frames"],
  ["errors.ts", `import { a } from "./hpack/a.ts";`, "hpack"],
  ["client.ts", `import { a } from "./server.ts";`, "server.ts"],
])("rooms-down-only reports http2/%s with %s", (file, source, to) => {
  const from = file.split("/", 1)[0];

  assert.deepEqual(messages(`/p/src/http2/${file}`, source), [
    `layers/rooms-down-only: "http2/${from}" may not import "http2/${to}"`,
  ]);
});

Deno.test("rooms-down-only reports a room or a file that has no row", () => {
  assert.deepEqual(
    messages("/p/src/http2/utils/x.ts", `import "../errors.ts";`),
    [`layers/rooms-down-only: "utils" has no row in "http2"`],
  );
  assert.deepEqual(
    messages("/p/src/http2/client.ts", `import "./types.ts";`),
    [`layers/rooms-down-only: "types.ts" has no row in "http2"`],
  );
});

Deno.test("rows name what there is, and each folder's rooms once", () => {
  for (const [folder, rows] of Object.entries(ROOMS)) {
    const path = new URL(`../../src/${folder}/`, import.meta.url);
    const there = Array.from(Deno.readDirSync(path), ({ name }) => name)
      .filter((name) => !name.endsWith(".md"));

    assert.deepEqual(rows.flat().toSorted(), there.toSorted(), folder);
  }
});

Deno.test("every folder with inner folders has rows", () => {
  const source = new URL("../../src/", import.meta.url);
  const withRooms = Array.from(Deno.readDirSync(source), ({ name }) => name)
    .filter((name) =>
      Array.from(Deno.readDirSync(new URL(`${name}/`, source)))
        .some(({ isDirectory }) => isDirectory)
    );

  assert.ok(withRooms.length > 5);
  assert.deepEqual(withRooms.filter((name) => !Object.hasOwn(ROOMS, name)), []);
});

Deno.test("no-cycle finds a circle, also one of types or across rooms", async (t) => {
  const root = await Deno.makeTempDir();
  const folder = join(root, "src", "async");
  await Deno.mkdir(join(folder, "room"), { recursive: true });
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
  await Deno.writeTextFile(
    file("room/r.ts"),
    `import { a } from "../a.ts";\nexport const r = a;\n`,
  );
  await Deno.writeTextFile(file("leaf.ts"), `export const leaf = 1;\n`);

  for (
    const source of [
      `import { b } from "./b.ts";`,
      `import type { B } from "./b.ts";`,
      `import { T } from "./t.ts";`,
      `import type { T } from "./t.ts";`,
      `import { r } from "./room/r.ts";`,
      `import { a } from "./a.ts";`,
    ]
  ) {
    await t.step(source, () => {
      assert.deepEqual(messages(file("a.ts"), source), [
        "layers/no-cycle: This import leads back to the file it stands in",
      ]);
    });
  }
  await t.step("not for an import without a circle", () => {
    assert.deepEqual(
      messages(file("a.ts"), `import { leaf } from "./leaf.ts";`),
      [],
    );
  });

  await Deno.remove(root, { recursive: true });
});
