/** @module */
import assert from "node:assert/strict";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isTool, needs, requireTool, SOURCES } from "./needs.ts";
import { run } from "./process.ts";

const INSTALL = new URL("../../.ci/install", import.meta.url);
const NEEDS = new URL("./needs.ts", import.meta.url).href;

/** What `needs("curl")` does on a machine without any tool. */
async function needsCurl(ci: string): ReturnType<typeof run> {
  const code = `import { needs } from ${JSON.stringify(NEEDS)};
    needs("curl"); console.log(needs("curl").ignore);`;
  return await run(Deno.execPath(), ["eval", code], {
    env: {
      PATH: fileURLToPath(new URL("./", import.meta.url)),
      CURL: "",
      CI: ci,
    },
  });
}

Deno.test("needs() ignores a test and says once why", async () => {
  const { stdout } = await needsCurl("");

  assert.equal(
    stdout,
    'Without "curl" some tests are ignored; ' +
      "install Debian's package curl, or set CURL to its path\ntrue\n",
  );
});

Deno.test("needs() fails in CI", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { code, stderr } = await needsCurl("true");

  assert.equal(code, 1);
  assert.match(stderr, /Cannot test with "curl"/);
});

/** The exit code of `needs(tool)` in CI, where `PATH` has nothing but these files. */
async function inCi(
  tool: string,
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    for (const file of files) await Deno.writeTextFile(join(folder, file), "");
    const code = `import { needs } from ${JSON.stringify(NEEDS)};
      needs(${JSON.stringify(tool)});`;
    const { code: exitCode } = await run(Deno.execPath(), ["eval", code], {
      env: { PATH: folder, CI: "true", [tool.toUpperCase()]: "", ...env },
    });
    return exitCode;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a variable names a program, and nothing else that has its name", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const folder = fileURLToPath(new URL("./", import.meta.url));

  assert.equal(await inCi("zsh", []), 1);
  assert.equal(await inCi("zsh", [], { ZSH: folder }), 1);
  assert.equal(await inCi("zsh", ["zsh"], { ZSH: folder }), 0);
  assert.equal(await inCi("zsh", [], { ZSH: Deno.execPath() }), 0);
});

Deno.test("CI must have h2spec where it has Go, and only there", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  assert.equal(await inCi("h2spec", []), 0);
  assert.equal(await inCi("h2spec", ["go"]), 1);
  assert.equal(await inCi("h2spec", ["go", "h2spec"]), 0);
});

Deno.test("requireTool() wants the test to say needs() first, also where the program is", () => {
  assert.throws(() => requireTool("sh"), {
    message: 'Cannot start "sh": the test does not say needs("sh")',
  });

  const { ignore } = needs("sh");

  if (ignore) assert.throws(() => requireTool("sh"), /not on this machine/);
  else assert.ok(isAbsolute(requireTool("sh")));
});

Deno.test(".ci/install installs every program that tests may start", async () => {
  const script = await Deno.readTextFile(INSTALL);
  const installed = Array.from(
    script.matchAll(/^ *install (\S+) (\S+)$/gm),
    ([, command = "", from]) => [command, from],
  );
  const listed = Object.entries(SOURCES)
    .flatMap(([tool, source]) =>
      source.package ? [[tool, source.package]] : []
    );

  assert.deepEqual(installed.toSorted(), listed.toSorted());
  for (const [tool, { builtWith }] of Object.entries(SOURCES)) {
    if (builtWith === undefined) continue;
    const pinned = builtWith === "pip3"
      ? `${tool}\\S*==[\\d.]+`
      : `^ *go install \\S+/${tool}@v[\\d.]+`;
    assert.match(script, new RegExp(pinned, "m"));
  }
});

Deno.test("isTool() knows the names of the table, and no others", () => {
  assert.ok(isTool("curl"));
  assert.ok(!isTool("wget"));
  assert.ok(!isTool("toString"));
});
