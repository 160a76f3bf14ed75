/**
 * Takes the step that makes the binary and looks at what went into it.
 *
 * The runtime that the binary starts with is a download of its own; the `deno`
 * that runs this test stands in for it, so the result is not started here.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../testing/process.ts";
import project from "../../deno.json" with { type: "json" };

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** Packages of deno.json that only tests import. */
const FOR_TESTS = [
  "@grpc/grpc-js",
  "ajv",
  "axe-core",
  "fast-check",
  "oidc-provider",
  "playwright-core",
  "protobufjs",
  "tree-sitter-powershell",
  "typescript",
  "web-tree-sitter",
  "ws",
];

/** The paths of the tree that `deno compile` prints; a folder that is in it whole ends in `/*`. */
function embeddedFiles(listing: string): string[] {
  const paths: string[] = [];
  const folders: string[] = [];
  for (const line of listing.split("\n")) {
    const entry = /^([│ ]*)[├└]─[┬─] (.+?) \(/.exec(line);
    if (entry === null) continue;
    const [, indent = "", name = ""] = entry;
    folders.length = indent.length / 2;
    folders.push(name);
    paths.push(folders.join("/"));
  }
  return paths;
}

/** Whether a path is in the tree, by itself or with its whole folder. */
function isEmbedded(path: string, files: readonly string[]): boolean {
  return files.some((file) =>
    file.endsWith("/*") ? path.startsWith(file.slice(0, -1)) : file === path
  );
}

const PAGE_FOLDERS = ["src/inspector", "src/server/web", "src/web"];

/** All files below a folder of the project. */
async function filesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(join(PROJECT, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) paths.push(...await filesBelow(path));
    else paths.push(path);
  }
  return paths;
}

/** What the pages are made of. */
async function pageFiles(): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of PAGE_FOLDERS) {
    paths.push(...await filesBelow(folder));
  }
  assert.ok(paths.includes("src/web/page.css"), "there is no page");
  return paths;
}

/** What `sallyport plugin new --recipe` writes. */
async function recipeFiles(): Promise<string[]> {
  const files = await filesBelow("plugins");
  return files.filter((path) => /(?<!\.d)\.ts$/.test(path));
}

Deno.test("the binary holds the program, its page and its packages, and nothing of the tests", async () => {
  const folder = await Deno.makeTempDir();
  const output = join(folder, "sallyport");

  try {
    const { code, stderr } = await run(
      Deno.execPath(),
      ["task", "--quiet", "compile", "--output", output],
      {
        cwd: PROJECT,
        env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
        ms: 120_000,
      },
    );
    const files = embeddedFiles(stderr);
    const hasPackage = (name: string) =>
      files.some((path) => path.includes(`/${name}/`));

    assert.equal(code, 0, stderr);
    const own = ["main.ts", "deno.json", "src/plugin/api/plugin.ts"];
    const recipes = await recipeFiles();
    for (const path of [...own, ...recipes, ...await pageFiles()]) {
      assert.ok(isEmbedded(path, files), `${path} is missing\n${stderr}`);
    }
    for (const name of Object.keys(project.imports)) {
      assert.equal(hasPackage(name), !FOR_TESTS.includes(name), name);
    }
    assert.ok(!files.some((path) => /^tests\b/.test(path)), stderr);
    for (const path of files) {
      if (!/^plugins\/.*\.\w+$/.test(path)) continue;
      assert.ok(recipes.includes(path), `${path} is not needed\n${stderr}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("embeddedFiles() reads the tree", () => {
  const listing = [
    "sallyport",
    "├─┬ .deno_compile_node_modules (12MB - 11MB unique)",
    "│ └─┬ host (12MB)",
    "│   ├── hono/4.13.19/* (1.27MB - 1.27MB unique)",
    "│   └── zod/4.6.7/* (5.93MB - 5.86MB unique)",
    "├── main.ts (1.48KB)",
    "└─┬ src (8.83KB - 8.81KB unique)",
    "  ├── http/fields.ts (8.19KB)",
    "  └── server/web/* (647B - 631B unique)",
    "",
    "Files: 13.09MB",
  ].join("\n");

  assert.deepEqual(embeddedFiles(listing), [
    ".deno_compile_node_modules",
    ".deno_compile_node_modules/host",
    ".deno_compile_node_modules/host/hono/4.13.19/*",
    ".deno_compile_node_modules/host/zod/4.6.7/*",
    "main.ts",
    "src",
    "src/http/fields.ts",
    "src/server/web/*",
  ]);
  assert.ok(isEmbedded("src/http/fields.ts", embeddedFiles(listing)));
  assert.ok(isEmbedded("src/server/web/a.css", embeddedFiles(listing)));
  assert.ok(
    !isEmbedded("src/server/tunnels/registry.ts", embeddedFiles(listing)),
  );
});

Deno.test("the binary never prompts, and keeps no cache in a folder that others share", async () => {
  const text = await Deno.readTextFile(
    new URL("./compile.ts", import.meta.url),
  );

  const [, flags = ""] = /"compile",\n(.*?)"main\.ts"/s.exec(text) ?? [];
  assert.match(flags, /"-P"/);
  assert.match(flags, /"--no-prompt"/);
  assert.match(flags, /"--no-code-cache"/);
});
