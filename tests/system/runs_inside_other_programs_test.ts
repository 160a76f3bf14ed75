// Promise: other programs start tunnels with the module. A setting that their
// project lacks is an error that says so, and not the end of the program.
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../testing/free_port.ts";
import { run } from "../testing/process.ts";

const MODULE = new URL("../../mod.ts", import.meta.url);
const CONFIG = new URL("../../deno.json", import.meta.url);

/** What `deno.json` says about features of the runtime that are not stable. */
type Unstable = readonly string[] | undefined;

const WITH_SANDBOX: Unstable = ["worker-options"];

/** Starts the main file of another project, and reads the lines it prints as JSON. */
async function runHost(
  source: string,
  unstable: Unstable,
): Promise<readonly unknown[]> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    const { imports } = JSON.parse(await Deno.readTextFile(CONFIG));
    const config = {
      ...unstable && { unstable },
      imports: { ...imports, "@sallyport/sallyport": MODULE.href },
    };
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
    await Deno.writeTextFile(join(folder, "host.ts"), source);
    await Deno.writeTextFile(join(folder, "mark.js"), PLUGIN);
    const { code, stdout, stderr } = await run(
      Deno.execPath(),
      ["run", "-q", "--no-prompt", "--no-lock", "-A", "host.ts"],
      { cwd: folder, env: { NO_COLOR: "1" } },
    );
    equal(code, 0, `stdout:\n${stdout}\nstderr:\n${stderr}`);
    return stdout.trim().split("\n").map((line) => JSON.parse(line));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** It would tell that it was loaded. */
const PLUGIN = `
console.log(JSON.stringify("the plugin runs"));
export default {};
`;

const PAC = "function FindProxyForURL() { return 'DIRECT'; }";

/** Nobody listens at the server's address: what starts would fail with another error. */
function hostWith(options: string): string {
  return `
    import { startTunnel } from "@sallyport/sallyport";
    try {
      await using tunnel = await startTunnel({
        server: "https://127.0.0.1:${freePort()}",
        user: "demo",
        accessKey: "demo-key-123456",
        name: "lab",
        ${options}
      });
    } catch ({ name, code, message }) {
      console.log(JSON.stringify({ name, code, message }));
    }
    console.log(JSON.stringify("the host goes on"));
  `;
}

interface Failure {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
}

async function failureOf(
  ...host: Parameters<typeof runHost>
): Promise<Failure> {
  const [failure, end, ...more] = await runHost(...host);
  equal(end, "the host goes on");
  deepEqual(more, []);
  return failure as Failure;
}

Deno.test("a project without sandboxes gets an error, and goes on", async () => {
  const source = hostWith('plugins: ["mark.js"]');
  const { name, code, message } = await failureOf(source, undefined);
  equal(`${name} ${code}`, "PluginError noSandbox");
  match(message, /"mark\.js".*"unstable": \["worker-options"\].*deno\.json/);
});

Deno.test("the same is true of a PAC, which has a sandbox too", async () => {
  const source = hostWith(
    `pac: "data:,${encodeURIComponent(PAC)}"`,
  );
  const { name, message } = await failureOf(source, undefined);
  equal(name, "PacError");
  match(message, /"unstable": \["worker-options"\].*deno\.json/);
});

Deno.test("a project without sandboxes can have no plugins, or trusted ones", async () => {
  const without = await failureOf(hostWith(""), undefined);
  equal(`${without.name} ${without.code}`, "ClientError unreachable");
  const trusted = hostWith(
    'plugins: [{ use: "mark.js", allow: "trusted" }, { name: "own" }]',
  );
  const [ran, failure] = await runHost(trusted, undefined);
  equal(ran, "the plugin runs");
  equal((failure as Failure).code, "unreachable");
});

Deno.test("a project with sandboxes runs plugins in them", async () => {
  const source = hostWith('plugins: ["mark.js"]');
  const { name, code } = await failureOf(source, WITH_SANDBOX);
  equal(`${name} ${code}`, "ClientError unreachable");
});
