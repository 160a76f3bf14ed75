/**
 * Holds the documents to what they say.
 *
 * Examples in TypeScript are run by `deno test --doc`. A block of shell
 * commands is run here when a line `<!-- runs -->` stands before it.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import project from "../deno.json" with { type: "json" };
import { DOCUMENTS, PROJECT, read, sources } from "./documents.ts";
import { LAYERS, ROOMS } from "./lint/layers.ts";
import { needs } from "./testing/needs.ts";
import { run } from "./testing/process.ts";

const ARCHITECTURE = ".github/ARCHITECTURE.md";

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

Deno.test("the table of faults names a test for each, and every test of faults", async () => {
  const [faults = ""] = (await read("tests/faults/README.md")).split("\n## ");
  const rows = faults.split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (Fault|-)/.test(line));
  const named = new Set<string>();
  for (const row of rows) {
    const cells = row.split("|").slice(1, -1).map((cell) => cell.trim());
    assert.equal(cells.length, 5, row);
    assert.ok(cells.every((cell) => cell !== ""), `a cell is empty: ${row}`);
    const tests = [
      ...(cells[4] ?? "").matchAll(/\]\((\S+_(?:test|nightly)\.ts)\)/g),
    ];
    assert.ok(tests.length > 0, `no test is named: ${row}`);
    for (const [, path = ""] of tests) named.add(path);
  }
  assert.ok(rows.length > 0);
  for await (const path of sources("tests/faults")) {
    if (!path.endsWith("_test.ts")) continue;
    assert.ok(named.has(basename(path)), `${path} is in no row`);
  }
});

Deno.test("the tables of what the tests would catch name tests that exist, each promise once", async () => {
  const [, caught = ""] = (await read("tests/faults/README.md"))
    .split("\n## What the tests would catch\n");
  const rows = caught.split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (Promise|-)/.test(line));
  const promises = new Set<string>();
  for (const row of rows) {
    const cells = row.split("|").slice(1, -1).map((cell) => cell.trim());
    assert.equal(cells.length, 3, row);
    assert.ok(cells.every((cell) => cell !== ""), `a cell is empty: ${row}`);
    const [promise = "", , tests = ""] = cells;
    assert.ok(!promises.has(promise), promise);
    promises.add(promise);
    const paths = [...tests.matchAll(/\]\((\S+_test\.ts)\)/g)];
    assert.ok(paths.length > 0, `no test is named: ${row}`);
    for (const [, path = ""] of paths) {
      assert.ok(existsSync(join(PROJECT, "tests/faults", path)), path);
    }
  }
  assert.ok(rows.length > 50);
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
      ".github/deploy/Dockerfile",
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

Deno.test("CHANGELOG has Unreleased on top, and this version", async () => {
  const headings = Array.from(
    (await read("CHANGELOG.md")).matchAll(/^## (.+)$/gm),
    ([, heading]) => heading,
  );

  assert.equal(headings[0], "Unreleased");
  assert.equal(headings[1], project.version);
});

Deno.test("README has the two commands for a machine with only Node.js", async () => {
  const readme = await read("README.md");

  assert.match(readme, /^npx --yes deno@\S+ task demo$/m);
  assert.match(readme, /^npx --yes deno@\S+ task test$/m);
});

Deno.test("ARCHITECTURE draws the layers that the lint rule enforces", async () => {
  // | 0 | `async` `log` `metrics` | what they are for |
  const rows = (await read(ARCHITECTURE)).matchAll(/^\| *(\d+) *\|([^|]*)\|/gm);
  const drawn = Array.from(
    rows,
    ([, , cell = ""]) =>
      Array.from(cell.matchAll(/`(\w+)\/?`/g), ([, name]) => name),
  );

  assert.deepEqual(drawn, LAYERS);
});

/** The rows inside folders, as ARCHITECTURE draws them: files without `.ts`. */
function tableOfRooms(): string[] {
  return Object.entries(ROOMS).toSorted().map(([folder, rows]) => {
    const cells = rows.map((row) =>
      row.map((name) => name.replace(/\.ts$/, "")).join(" ")
    );
    return `| \`${folder}\` | ${cells.join(" → ")} |`;
  });
}

Deno.test("ARCHITECTURE draws the rows inside folders that the lint rule enforces", async () => {
  const [, after = ""] = (await read(ARCHITECTURE)).split("<!-- rooms");
  const [table = ""] = after.split("\n## ");
  const drawn = Array.from(
    table.matchAll(/^\| (`\w+`) +\| (.+?) +\|$/gm),
    ([, folder, rows]) => `| ${folder} | ${rows} |`,
  );

  const expected = tableOfRooms();
  assert.deepEqual(drawn, expected, `should be\n${expected.join("\n")}`);
});

Deno.test("ARCHITECTURE has one path for each of twenty questions", async () => {
  const [, after = ""] = (await read(ARCHITECTURE)).split(
    "\n## Twenty questions\n",
  );
  const [section = ""] = after.split("\n## ");
  const rows = Array.from(
    section.matchAll(/^\| (Where .+\?) +\| `(\S+)` +\|$/gm),
    ([, question, path = ""]) => ({ question, path }),
  );

  assert.equal(rows.length, section.match(/^\| Where/gm)?.length);
  assert.ok(rows.length >= 20, `${rows.length} questions`);
  for (const { question, path } of rows) {
    assert.ok(existsSync(join(PROJECT, path)), `${question} ${path}`);
  }
});

Deno.test("ARCHITECTURE quotes the pipelines in the order of their sources", async () => {
  const [, after = ""] = (await read(ARCHITECTURE)).split("\n## Pipelines\n");
  const [section = ""] = after.split("\n## ");
  const quoted = section.split("\n- ").slice(1).map((item) => {
    const [path = "", ...steps] = Array.from(
      item.matchAll(/`([^`]+)`/g),
      ([, name = ""]) => name,
    );
    return { path, steps };
  });

  assert.equal(quoted.length, 2);
  for (const { path, steps } of quoted) {
    // The first run of lines that each add a step, and the line that ends it.
    const [lines = "", last = ""] =
      /(?:^ +(?:\.add\(|\(next\) => ).*\n){3,}(.*)/m.exec(await read(path)) ??
        [];
    const inSource = lines.split("\n").slice(0, -1);

    assert.deepEqual(
      [...inSource, last].filter((line, at) =>
        !new RegExp(`\\b${steps[at]}\\b`).test(line)
      ),
      [],
      path,
    );
    assert.equal(steps.length, inSource.length + 1, path);
  }
});

Deno.test("each of ARCHITECTURE's five walks is short and names few files", async () => {
  const [, after = ""] = (await read(ARCHITECTURE)).split("\n## Five walks\n");
  const [section = ""] = after.split("\n## ");
  const walks = section.split(/^### /m).slice(1);

  assert.equal(walks.length, 5);
  for (const walk of walks) {
    const [title, ...lines] = walk.trim().split("\n");
    const paths = new Set(walk.match(/\bsrc\/[\w/]+\.ts\b/g));

    const text = lines.filter((line) => line !== "");
    assert.ok(text.length <= 12, `${title}: ${text.length} lines`);
    assert.ok(paths.size > 0 && paths.size <= 10, `${title}: ${paths.size}`);
    for (const path of paths) {
      assert.ok(existsSync(join(PROJECT, path)), `${title}: ${path}`);
    }
  }
});

Deno.test("decisions are numbered without gaps, and say the same four things", async () => {
  const decisions = DOCUMENTS.filter((path) =>
    path.startsWith(".github/decisions/")
  );

  assert.ok(decisions.length >= 35);
  for (const [at, path] of decisions.entries()) {
    assert.match(basename(path), /^\d{4}-[a-z0-9-]+\.md$/);
    assert.equal(Number(basename(path).slice(0, 4)), at + 1);
    const headings = (await read(path)).match(/^#+ .*$/gm) ?? [];
    assert.match(headings[0] ?? "", new RegExp(`^# ${at + 1}\\. \\S`));
    assert.deepEqual(headings.slice(1), [
      "## Context",
      "## Decision",
      "## Measured",
      "## Consequences",
    ], path);
  }
});

Deno.test("SECURITY names every test of tests/security/, and no other", async () => {
  const text = await read(".github/SECURITY.md");
  const named = new Set(
    Array.from(text.matchAll(/`(\w+_test\.ts)`/g), ([, name = ""]) => name),
  );
  const files = (await Array.fromAsync(sources("tests/security")))
    .map((path) => basename(path))
    .filter((name) => name.endsWith("_test.ts"));

  assert.deepEqual([...named].toSorted(), files.toSorted());
});

/** The source with each text in one piece, and `…` where a value goes. */
async function textsOfSource(): Promise<string> {
  const texts: string[] = [];
  for await (const path of sources("src")) {
    if (path.endsWith(".ts")) texts.push(await read(path));
  }
  return texts.join("\n")
    .replaceAll(/["'`] \+\s+["'`]/g, "")
    .replaceAll(/\\(["'`])/g, "$1");
}

Deno.test("the guide to troubleshooting quotes the program, and knows every failure", async () => {
  const guide = await read(".github/guides/troubleshooting.md");
  const source = await textsOfSource();
  const quotes = Array.from(
    guide.matchAll(/^\| `([^`]+)` +\|/gm),
    ([, quote = ""]) => quote,
  );

  assert.ok(quotes.length > 50, `${quotes.length} quotes`);
  for (const quote of quotes) {
    for (const piece of quote.split("…").map((piece) => piece.trim())) {
      assert.ok(source.includes(piece), `"${quote}" is not in the source`);
    }
  }
  const failures = (await read("src/proxy/errors/error_table.ts"))
    .matchAll(/status: (\d+),\s+reason: "(\w+)"/g);
  for (const [, status, reason] of failures) {
    assert.ok(
      guide.includes(`| \`${reason}\` ${status} `),
      `${reason} ${status}`,
    );
  }
});

Deno.test("the guide to operating names every alert, and quotes the log", async () => {
  const [, after = ""] = (await read(".github/guides/operating.md"))
    .split("<!-- faults");
  const [table = ""] = after.split("\n\nIn an outage");
  const rows = table.split("\n").filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) => line.split("|").slice(1, -1));
  const quoted = (column: number) =>
    rows.flatMap((row) =>
      Array.from(
        (row[column] ?? "").matchAll(/`([^`=]+)`/g),
        ([, text]) => text,
      )
    );
  const alerts = (await read(".github/prometheus/alerts.yml"))
    .match(/(?<=- alert: )\w+/g);
  const source = await textsOfSource();

  assert.deepEqual(
    [...new Set(quoted(1))].toSorted(),
    alerts?.toSorted(),
  );
  const lines = quoted(2).filter((text) => text !== "ERROR");
  assert.ok(lines.length >= 10, `${lines.length} lines of the log`);
  for (const line of lines) {
    assert.ok(source.includes(`"${line ?? ""}`), `"${line}" is not logged`);
  }
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
