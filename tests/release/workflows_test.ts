/**
 * The workflows of GitHub, as far as one machine with Linux can run them. The
 * program from its sources stands for the compiled one.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { temporaryDirectory } from "../system/programs.ts";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
/** Milliseconds that a step may take, on a machine that does much else. */
const PATIENCE = 300_000;

/** A step of a job. */
interface Step {
  readonly name?: string;
  readonly run?: string;
}

/** A workflow, as far as it is looked at. */
interface Workflow {
  readonly jobs: Readonly<
    Record<string, {
      readonly steps: readonly Step[];
      readonly strategy?: {
        readonly matrix: Readonly<Record<string, unknown>>;
      };
    }>
  >;
}

async function workflow(name: string): Promise<Workflow> {
  return parse(
    await Deno.readTextFile(join(PROJECT, ".github/workflows", name)),
  );
}

/** A folder in which the program lies where a workflow has it. */
async function placeProgram(folder: string, path: string): Promise<void> {
  const program = join(folder, path);
  await Deno.mkdir(dirname(program), { recursive: true });
  const words = [
    ...["run", "-q", "-P", "--no-prompt"],
    ...["--config", join(PROJECT, "deno.json"), join(PROJECT, "main.ts")],
  ].map((word) => `'${word}'`).join(" ");
  const script = `#!/bin/sh\nexec '${Deno.execPath()}' ${words} "$@"\n`;
  await Deno.writeTextFile(program, script, { mode: 0o755 });
  await Deno.symlink(join(PROJECT, ".ci"), join(folder, ".ci"));
}

Deno.test("what CI does with a binary succeeds here too", {
  ignore: Deno.build.os === "windows" ||
    needs("bash", "curl", "python3", "sh").ignore,
}, async () => {
  const { jobs } = await workflow("ci.yml");
  const steps = jobs["binary"]?.steps ?? [];
  const compiled = steps.findIndex(({ name }) => name === "Compile");
  const later = steps.slice(compiled + 1);
  assert.ok(compiled >= 0 && later.length > 0);
  await using folder = await temporaryDirectory();
  await placeProgram(folder.path, "dist/sallyport");

  for (const { name, run: script = "" } of later) {
    const { code, stdout, stderr } = await run("bash", ["-c", script], {
      cwd: folder.path,
      ms: PATIENCE,
    });
    assert.equal(code, 0, `${name}\n${stdout}\n${stderr}`);
  }
});

Deno.test("the steps of all workflows are scripts that a shell can read", {
  ignore: needs("bash").ignore,
}, async () => {
  let count = 0;
  for (const name of ["ci.yml", "release.yml"]) {
    for (
      const [job, { steps }] of Object.entries((await workflow(name)).jobs)
    ) {
      for (const { run: script } of steps) {
        if (script === undefined) continue;
        count += 1;
        // An expression of the workflow is a word for the shell.
        const text = script.replace(/\$\{\{.*?\}\}/g, "word");
        const { stderr } = await run("bash", ["-n", "-c", text]);
        assert.equal(stderr, "", `${name}: ${job}\n${text}`);
      }
    }
  }
  assert.ok(count > 15, `only ${count}`);
});

Deno.test("binaries are tried on the systems and processors that they are made for", async () => {
  const ci = (await workflow("ci.yml")).jobs["binary"]?.strategy?.matrix["os"];
  const release = (await workflow("release.yml")).jobs["try"]?.strategy?.matrix;
  const tried = release?.["include"] as readonly { readonly os: string }[];

  assert.deepEqual(
    [ci].flat().toSorted(),
    tried.map(({ os }) => os).toSorted(),
  );
  // Intel Macs have no other runner any more.
  assert.ok(tried.some(({ os }) => os === "macos-15-intel"));
});
