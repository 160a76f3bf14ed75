import assert from "node:assert/strict";
import {
  findPackage,
  type PackageFolders,
} from "../../../src/plugin/loading/npm_package.ts";
import { type TempPlugins, tempPlugins } from "../temp_plugins.ts";

/** A package as it is installed in these folders. */
function installed(
  folder: string,
  data: Readonly<Record<string, unknown>>,
  file = "index.js",
): Readonly<Record<string, string>> {
  return {
    [`${folder}/package.json`]: JSON.stringify(data),
    [`${folder}/${file}`]: "",
  };
}

function foldersOf(files: TempPlugins): PackageFolders {
  return { from: files.path("a/b"), cache: files.path("cache") };
}

/** The file of a package, from the folder of all. */
async function entryOf(files: TempPlugins, specifier: string): Promise<string> {
  const { entry } = await findPackage(specifier, foldersOf(files));
  return entry.slice(files.directory.length + 1);
}

Deno.test("findPackage() finds the nearest node_modules, then the folder of Deno", async () => {
  await using files = await tempPlugins({
    "a/b/x.txt": "",
    ...installed("a/node_modules/mock", { version: "1.0.0" }),
    ...installed("node_modules/mock", { version: "2.0.0" }),
    ...installed("cache/registry/mock/3.0.0", { version: "3.0.0" }),
    ...installed("cache/registry/@lab/mocks.js/1.2.0", { version: "1.2.0" }),
  });

  assert.equal(
    await entryOf(files, "npm:mock"),
    "a/node_modules/mock/index.js",
  );
  assert.equal(
    await entryOf(files, "npm:mock@2.0.0"),
    "node_modules/mock/index.js",
  );
  assert.equal(
    await entryOf(files, "npm:mock@3.0.0"),
    "cache/registry/mock/3.0.0/index.js",
  );
  const { stem, root } = await findPackage(
    "npm:@lab/mocks.js@1.2.0",
    foldersOf(files),
  );
  assert.equal(stem, "mocks-js");
  assert.equal(root, files.path("cache/registry/@lab/mocks.js/1.2.0"));
});

Deno.test.each<[Record<string, unknown>, string, string]>([
  [{ main: "lib/a.js" }, "", "lib/a.js"],
  [{ main: "no.cjs", module: "lib/a.js" }, "", "lib/a.js"],
  [{ exports: "./lib/a.js", main: "no.cjs" }, "", "lib/a.js"],
  [{ exports: { require: "./no.cjs", default: "./lib/a.js" } }, "", "lib/a.js"],
  [
    {
      exports: { ".": [{ import: { types: "./no", default: "./lib/a.js" } }] },
    },
    "",
    "lib/a.js",
  ],
  [{ exports: { "./plugin": "./lib/a.js" } }, "/plugin", "lib/a.js"],
  [{}, "/lib/a.js", "lib/a.js"],
])("findPackage() reads %j with %j", async (data, path, expected) => {
  const folder = "a/b/node_modules/mock";
  await using files = await tempPlugins(installed(folder, data, "lib/a.js"));

  assert.equal(
    await entryOf(files, `npm:mock${path}`),
    `${folder}/${expected}`,
  );
});

Deno.test.each<[string, RegExp]>([
  ["npm:other", /^it is not installed, run "npm install other" in the folder/],
  ["npm:mock@9.9.9", /^it is not installed, run "npm install mock@9\.9\.9"/],
  ["npm:mock@^1.0.0", /^"\^1\.0\.0" is not one version, write one such as/],
  ["npm:mock@latest", /is not one version/],
  ["npm:../mock", /^it is not a package/],
  ["npm:mock/secret", /^its package\.json exports no "\.\/secret" for import$/],
  ["npm:outside", /^its file "\.\.\/\.\.\/x\.txt" is not there$/],
  ["npm:linked", /^its file "\.\/link\.js" is not there$/],
])("findPackage() refuses %s", async (specifier, message) => {
  await using files = await tempPlugins({
    "a/b/x.txt": "",
    ...installed("a/b/node_modules/mock", {
      version: "1.0.0",
      exports: "./index.js",
    }),
    ...installed("a/b/node_modules/outside", { main: "../../x.txt" }),
    ...installed("a/b/node_modules/linked", { exports: "./link.js" }),
  });
  if (Deno.build.os !== "windows") {
    await Deno.symlink(
      files.path("a/b/x.txt"),
      files.path("a/b/node_modules/linked/link.js"),
    );
  }

  await assert.rejects(findPackage(specifier, foldersOf(files)), {
    name: "TypeError",
    message,
  });
});
