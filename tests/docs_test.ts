/**
 * Holds the documents to what they say.
 *
 * Examples in TypeScript are run by `deno test --doc`. A block of shell
 * commands is run here when a line `<!-- runs -->` stands before it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import project from "../deno.json" with { type: "json" };
import { LAYERS } from "./lint/layers.ts";
import { needs } from "./testing/needs.ts";
import { run } from "./testing/process.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

const DOCUMENTS = [
  "README.md",
  "CHANGELOG.md",
  "plugins/README.md",
  "src/http1/README.md",
  "src/http2/README.md",
  "tests/system/README.md",
  "tests/testing/README.md",
  ".github/ARCHITECTURE.md",
  ".github/guides/browsers.md",
  ".github/guides/headers-and-dialing.md",
  ".github/guides/operating.md",
  ".github/guides/traffic.md",
  ".github/CODE_OF_CONDUCT.md",
  ".github/CONTRIBUTING.md",
  ".github/SECURITY.md",
].filter((path) => existsSync(join(PROJECT, path)));

/** Made by tools, or not ours. */
const NOT_SOURCE: readonly string[] = [
  ".git",
  "coverage",
  "deno.lock",
  "dist",
  "node_modules",
];

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(join(PROJECT, path));
}

/** All files of the project, as paths from its folder. */
async function* sources(folder = ""): AsyncGenerator<string> {
  for await (
    const { name, isDirectory } of Deno.readDir(join(PROJECT, folder))
  ) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (NOT_SOURCE.includes(path)) continue;
    if (isDirectory) yield* sources(path);
    else yield path;
  }
}

/** The shell commands of a document that are meant to be run by this test. */
function runnableBlocks(text: string): string[] {
  const blocks = text.matchAll(/<!-- runs -->\s*```sh\n(.*?)```/gs);
  return Array.from(blocks, ([, commands = ""]) => commands);
}

Deno.test("commands in documents that are marked to run do run", {
  ignore: Deno.build.os === "windows" || needs("sh").ignore,
}, async () => {
  for (const document of DOCUMENTS) {
    for (const commands of runnableBlocks(await read(document))) {
      // The same Deno, without asking npm for it.
      const script = commands.replaceAll(
        /npx --yes deno@\S+/g,
        Deno.execPath(),
      );
      const { code, stderr } = await run("sh", ["-euc", script], {
        cwd: PROJECT,
        ms: 60_000,
      });

      assert.equal(code, 0, `${document}: ${commands}${stderr}`);
    }
  }
});

Deno.test("runnableBlocks() takes only what is marked", () => {
  const text = "```sh\na\n```\n\n<!-- runs -->\n\n```sh\nb\nc\n```\n";

  assert.deepEqual(runnableBlocks(text), ["b\nc\n"]);
});

Deno.test("links in documents lead somewhere", async () => {
  for (const document of DOCUMENTS) {
    const links = (await read(document)).matchAll(/\]\(([^)#\s]+)[^)]*\)/g);
    for (const [, link = ""] of links) {
      if (/^[a-z]+:/.test(link)) continue;
      const target = join(PROJECT, dirname(document), link);

      assert.ok(existsSync(target), `${document} links to ${link}`);
    }
  }
});

Deno.test("the README of tests/testing/ says of every file when to use it", async () => {
  const text = await read("tests/testing/README.md");
  const listed = Array.from(
    text.matchAll(/^\| \[`(\w+\.ts)`\]\(\1\) +\| \S/gm),
    ([, file = ""]) => file,
  );
  const files = (await Array.fromAsync(sources("tests/testing")))
    .map((path) => basename(path))
    .filter((file) => file.endsWith(".ts") && !file.endsWith("_test.ts"));

  assert.deepEqual(listed.toSorted(), files.toSorted());
});

Deno.test.each(["http1", "http2"])(
  "the README of src/%s names files that exist and cite the RFC sections",
  async (folder) => {
    const text = await read(`src/${folder}/README.md`);
    assert.ok(text.split("\n").length <= 61, "a README has at most 60 lines");
    for (const [, path = ""] of text.matchAll(/`([\w/]+(?:\.ts|\/))`/g)) {
      assert.ok(existsSync(join(PROJECT, "src", folder, path)), path);
    }

    // | 9113 PING | §6.7 | `connection/pings.ts` |
    const rows = text.matchAll(/^\| \d{4} [^|]*\|([^|]*)\| `(\S+)`/gm);
    for (const [, sections = "", path = ""] of rows) {
      const source = await read(`src/${folder}/${path}`);
      for (const [section] of sections.matchAll(/§[\d.]*\d/g)) {
        assert.ok(source.includes(section), `${path} does not cite ${section}`);
      }
    }
  },
);

Deno.test("CI and development containers install the same programs", async () => {
  for (const path of [".ci/run", ".devcontainer/devcontainer.json"]) {
    const text = await read(path);

    assert.match(text, /\bbash \.ci\/install\b/, path);
    assert.doesNotMatch(text, /\bapt-get\b|\bgo install\b/, path);
  }
});

Deno.test("tasks and paths that documents and workflows name exist", async () => {
  const workflows = await Array.fromAsync(sources(".github/workflows"));
  for (
    const path of [
      ...DOCUMENTS,
      ...workflows,
      "Containerfile",
      ".ci/run",
      ".ci/install",
    ]
  ) {
    const text = await read(path);
    for (const [, task = ""] of text.matchAll(/deno(?:@\S+)? task (\w+)/g)) {
      assert.ok(Object.hasOwn(project.tasks, task), `${path}: task ${task}`);
    }
    for (const [file] of text.matchAll(/\b(?:src|tests)\/[\w/]+\.\w+/g)) {
      assert.ok(existsSync(join(PROJECT, file)), `${path}: ${file}`);
    }
  }
});

Deno.test("one version of Deno is named everywhere", async () => {
  const versions = new Set<string>();
  for await (const path of sources()) {
    const named = /deno@(\d[\w.]*)|denoland\/deno:\D*(\d[\w.]*)/g;
    for (const [, npm, image] of (await read(path)).matchAll(named)) {
      versions.add(npm ?? image ?? "");
    }
  }

  assert.deepEqual([...versions], [
    /deno@([\d.]+)/.exec(await read(".ci/run"))?.[1],
  ]);
});

Deno.test("CHANGELOG has Unreleased on top", async () => {
  const headings = Array.from(
    (await read("CHANGELOG.md")).matchAll(/^## (.+)$/gm),
    ([, heading]) => heading,
  );

  assert.equal(headings[0], "Unreleased");
});

Deno.test("README has the two commands for a machine with only Node.js", {
  ignore: !DOCUMENTS.includes("README.md"),
}, async () => {
  const readme = await read("README.md");

  assert.match(readme, /^npx --yes deno@\S+ task demo$/m);
  assert.match(readme, /^npx --yes deno@\S+ task test$/m);
});

Deno.test("ARCHITECTURE draws the layers that the lint rule enforces", {
  ignore: !DOCUMENTS.includes(".github/ARCHITECTURE.md"),
}, async () => {
  // | 0 | `async` `log` `metrics` | what they are for |
  const rows = (await read(".github/ARCHITECTURE.md"))
    .matchAll(/^\| *(\d+) *\|([^|]*)\|/gm);
  const drawn = Array.from(
    rows,
    ([, , cell = ""]) =>
      Array.from(cell.matchAll(/`(\w+)\/?`/g), ([, name]) => name),
  );

  assert.deepEqual(drawn, LAYERS);
});

Deno.test("no file names a machine's folders or a registry's host", async () => {
  // In pieces, so that this file does not name them either.
  const folders = ["work", "farm", "root"].join("|");
  const hosts = [
    ["registry", "npm"],
    ["registry", "yarn"],
    ["proxy", "golang"],
    ["crates", "io"],
    ["deb", "debian"],
  ].map((names) => names.join("\\.")).join("|");
  const forbidden = new RegExp(
    `(^|[^.\\w/])/(${folders})/|/${"tmp"}/[a-z]+/|${hosts}`,
  );

  for await (const path of sources()) {
    const line = (await read(path)).split("\n").find((text) =>
      forbidden.test(text)
    );

    assert.equal(line, undefined, `${path}: ${line}`);
  }
});
