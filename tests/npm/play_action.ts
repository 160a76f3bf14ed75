/** The action of GitHub, step by step, as a runner plays it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type ServerProgram, startClientProgram } from "../system/programs.ts";
import { type Exit, run } from "../testing/process.ts";
import { USER } from "../testing/user.ts";
import type { Installation } from "./installation.ts";

const ACTION = fileURLToPath(
  new URL("../../.github/actions/tunnel", import.meta.url),
);

/** Milliseconds for a step. The first one installs the program. */
const PATIENCE = 300_000;

type Variables = Readonly<Record<string, string>>;

/**
 * Plays start, tests, report and stop.
 *
 * @param page A site that only the tunnel reaches, as far as the job knows.
 */
export async function playAction(
  { folder: parent, file }: Installation,
  server: ServerProgram,
  page: string,
): Promise<void> {
  const folder = join(parent, "runner");
  await Deno.mkdir(folder);
  const runner = new Runner(folder, {
    ...await inputsFrom(join(ACTION, "action.yml")),
    "INPUT_SERVER": server.url,
    "INPUT_USERNAME": USER.name,
    "INPUT_ACCESS-KEY": USER.key,
    "INPUT_CACERT-FILE": server.caFile,
    "INPUT_PACKAGE": file,
    "INPUT_OPTIONS": "--proxy-localhost allow\n--tunnel-connections 1",
  });
  // A job that was killed has left its tunnel behind on this machine.
  await using orphan = await startClientProgram(server, {
    args: [
      "--tunnel-name=left-behind",
      "--metadata=ci=github,repository=lab/shop,runner=box-1,run=6-1-e2e",
    ],
  });

  const started = await runner.step("start.mjs");
  assert.equal(started.code, 0, started.stdout + started.stderr);
  assert.notEqual((await orphan.process.exit()).code, 0);
  const env = await runner.read("GITHUB_ENV");
  const output = await runner.read("GITHUB_OUTPUT");
  assert.equal(output["username"], `${USER.name}+${output["tunnel-name"]}`);
  assert.match(output["tunnel-name"] ?? "", /^github-7-1-e2e-[\da-f]{4}$/);

  const { stdout } = await run("curl", [
    ...["--silent", "--proxy", env["SALLYPORT_PROXY"] ?? "", page],
    ...["--output", "/dev/null", "--write-out", "%{http_code}"],
  ]);
  assert.equal(stdout, "200");

  const reported = await report(env);
  assert.equal(reported.code, 0, reported.stdout + reported.stderr);
  assert.doesNotMatch(reported.stdout, /::warning::/);
  const kept = join(env["SALLYPORT_FOLDER"] ?? "", "requests.har");
  const { log } = JSON.parse(await Deno.readTextFile(kept));
  assert.deepEqual(
    log.entries.map(({ request }: { request: { url: string } }) => request.url),
    [page],
  );

  const stopped = await runner.step("stop.mjs", await runner.state());
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.match(stopped.stdout, /::group::Log of the tunnel/);
  assert.doesNotMatch(stopped.stdout, /::warning::/);
  await server.process.event("tunnel ended", {
    name: output["tunnel-name"] ?? "",
  });
  // A runner hides what such a line names.
  const shown = (started.stdout + stopped.stdout).split("\n")
    .filter((line) => !line.startsWith("::add-mask::"));
  assert.ok(!shown.join("\n").includes(USER.key));
}

/** The shell steps of the report, without the upload. */
async function report(env: Variables): Promise<Exit> {
  const text = await Deno.readTextFile(join(ACTION, "report/action.yml"));
  const [save] = parse(text).runs.steps;
  return await run("bash", ["-e", "-c", save.run], {
    env: { ...env, ACTION: join(ACTION, "report") },
    ms: PATIENCE,
  });
}

/** The defaults of an action, as a runner gives them. */
async function inputsFrom(path: string): Promise<Variables> {
  const { inputs } = parse(await Deno.readTextFile(path));
  return Object.fromEntries(
    Object.entries<{ readonly default?: string }>(inputs).map((
      [name, { default: value = "" }],
    ) => [`INPUT_${name.toUpperCase()}`, value]),
  );
}

/** Runs steps of an action, and keeps what they tell it in files. */
class Runner {
  readonly #folder: string;
  readonly #inputs: Variables;

  constructor(folder: string, inputs: Variables) {
    this.#folder = folder;
    this.#inputs = inputs;
  }

  async step(script: string, state: Variables = {}): Promise<Exit> {
    const files = ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STATE"]
      .map((name) => [name, join(this.#folder, name)]);
    return await run("node", [join(ACTION, script)], {
      cwd: this.#folder,
      ms: PATIENCE,
      env: {
        ...this.#inputs,
        ...Object.fromEntries(files),
        ...state,
        GITHUB_REPOSITORY: "lab/shop",
        GITHUB_RUN_ID: "7",
        GITHUB_RUN_ATTEMPT: "1",
        GITHUB_JOB: "e2e",
        RUNNER_NAME: "box-1",
        RUNNER_ENVIRONMENT: "self-hosted",
        RUNNER_TEMP: this.#folder,
      },
    });
  }

  /** The lines of a file. */
  async read(name: string): Promise<Variables> {
    const text = await Deno.readTextFile(join(this.#folder, name));
    return Object.fromEntries(
      text.trim().split("\n").map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
  }

  /** What one step leaves for the next of the same action. */
  async state(): Promise<Variables> {
    const lines = Object.entries(await this.read("GITHUB_STATE"));
    return Object.fromEntries(
      lines.map(([name, value]) => [`STATE_${name}`, value]),
    );
  }
}
