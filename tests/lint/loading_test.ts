/** What a command loads: a client has no use for the server's code, nor a server for the client's. @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SRC = new URL("../../src/", import.meta.url);

/** What a file and all that it imports load at once: paths below `src/`, and packages. `import()` loads later. */
async function loadedBy(start: string): Promise<ReadonlySet<string>> {
  const loaded = new Set<string>();
  const waiting = [new URL(start, SRC)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const name = fileURLToPath(file).slice(fileURLToPath(SRC).length);
    if (loaded.has(name)) continue;
    loaded.add(name);
    if (!name.endsWith(".ts")) continue;
    for (const specifier of staticImports(await Deno.readTextFile(file))) {
      if (specifier.startsWith(".")) waiting.push(new URL(specifier, file));
      else loaded.add(specifier);
    }
  }
  return loaded;
}

/** The modules whose code a file needs before it runs. */
function staticImports(source: string): readonly string[] {
  const found: string[] = [];
  const visit = (
    { source }: {
      readonly source:
        | { readonly type: string; readonly value: unknown }
        | null;
    },
    isType: boolean,
  ) => {
    if (source !== null && !isType) found.push(String(source.value));
  };
  Deno.lint.runPlugin(
    {
      name: "loading",
      rules: {
        imports: {
          create: () => ({
            ImportDeclaration: (node) =>
              visit(node, node.importKind === "type"),
            ExportNamedDeclaration: (node) =>
              visit(node, node.exportKind === "type"),
            ExportAllDeclaration: (node) =>
              visit(node, node.exportKind === "type"),
          }),
        },
      },
    },
    "file.ts",
    source,
  );
  return found;
}

Deno.test("staticImports() leaves out types and what is loaded later", () => {
  const source = `
    import { a } from "./a.ts";
    import type { B } from "./b.ts";
    export { c } from "./c.ts";
    export * from "d";
    import "./e.ts";
    await import("./f.ts");
    export type { G } from "./g.ts";
    export const h = 1;
  `;

  assert.deepEqual(staticImports(source), ["./a.ts", "./c.ts", "d", "./e.ts"]);
});

Deno.test("the program loads client or server when a command needs it", async () => {
  const loaded = await loadedBy("cli/cli.ts");

  assert.ok(loaded.has("cli/commands/run_command.ts"));
  for (
    const late of [
      "client/client.ts",
      "server/server.ts",
      "server/accounts/accounts.ts",
      "@peculiar/x509",
      "prom-client",
      "jose",
    ]
  ) assert.ok(!loaded.has(late), late);
});

Deno.test("a client loads nothing of the server, and a server nothing of the client", async () => {
  const client = await loadedBy("client/client.ts");
  const server = await loadedBy("server/server.ts");

  assert.ok(client.has("tunnel/serve_session.ts"));
  assert.ok(server.has("@peculiar/x509"));
  assert.deepEqual([...client].filter((one) => one.startsWith("server/")), []);
  assert.deepEqual([...server].filter((one) => one.startsWith("client/")), []);
  assert.ok(!client.has("@peculiar/x509"));
});
