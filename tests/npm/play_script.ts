/** The shell steps of the guide to CI, in the folder where the package is installed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { PROJECT, read } from "../documents.ts";
import type { ServerProgram } from "../system/programs.ts";
import { freePort } from "../testing/free_port.ts";
import { run } from "../testing/process.ts";
import { USER } from "../testing/user.ts";
import type { Installation } from "./installation.ts";

const GUIDE = ".github/guides/ci.md";

/** Plays the steps of each system, with `tests` in place of its tests. */
export async function playGuideToCi(
  { folder }: Installation,
  server: ServerProgram,
): Promise<void> {
  const guide = await read(GUIDE);
  const systems = stepsIn(guide);
  assert.deepEqual(Object.keys(systems), [
    "sh",
    "gitlab",
    "jenkins",
    "circleci",
  ]);
  for (const [name, steps] of Object.entries(systems)) {
    // What differs is where they are written.
    assert.deepEqual(
      steps.map((step) => step.replace(/^[A-Z_]+=\S+ /, "")),
      systems["sh"],
      name,
    );
  }
  await Deno.copyFile(
    join(PROJECT, ".github/examples/ci/tunnel.sh"),
    join(folder, "tunnel.sh"),
  );
  const port = freePort();
  const steps = (systems["jenkins"] ?? [])
    // The package is installed, and the tests are a question to the tunnel.
    .filter((step) => !step.startsWith("npm install"))
    .map((step) =>
      step === "npm test"
        ? `curl --silent --fail http://127.0.0.1:${port}/readyz`
        : step
    );
  const { code, stdout, stderr } = await run("sh", [
    ...["-e", "-c", steps.join("\n")],
  ], {
    cwd: folder,
    ms: 120_000,
    env: {
      SALLYPORT_SERVER: server.url,
      SALLYPORT_USERNAME: USER.name,
      SALLYPORT_ACCESS_KEY: USER.key,
      SALLYPORT_TUNNEL_NAME: "of-the-guide",
      SALLYPORT_CACERT_FILE: server.caFile,
      TUNNEL_PORT: String(port),
    },
  });

  assert.deepEqual([code, stderr], [0, ""], stdout);
  assert.match(stdout, /OK/);
  const har = await Deno.readTextFile(join(folder, "tunnel/requests.har"));
  assert.equal(JSON.parse(har).log.version, "1.2");
  await server.process.event("tunnel ended", { name: "of-the-guide" });
}

/** The commands of each system, in order. */
function stepsIn(guide: string): Readonly<Record<string, readonly string[]>> {
  const block = (heading: string, language: string) => {
    const section = guide.slice(guide.indexOf(`\n${heading}\n`));
    const [, text = ""] =
      new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(section) ?? [];
    return text;
  };
  const { e2e } = parse(block("### GitLab", "yml"));
  const { jobs } = parse(block("### CircleCI", "yml"));
  const ofCircle = jobs.e2e.steps.flatMap(
    (step: { readonly run?: string | { readonly command: string } }) =>
      typeof step.run === "object" ? step.run.command : step.run ?? [],
  );
  return {
    sh: block("## Other systems", "sh").trim().split("\n"),
    gitlab: [...e2e.before_script, ...e2e.script, ...e2e.after_script],
    jenkins: Array.from(
      block("### Jenkins", "groovy").matchAll(/^ *sh '(.*)'$/gm),
      ([, step = ""]) => step,
    ),
    circleci: ofCircle,
  };
}
