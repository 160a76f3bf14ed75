// deno-lint-ignore-file no-console -- the runner reads these lines
// Installs the program, starts a tunnel, and waits until it carries requests.
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ask,
  input,
  mask,
  metadata,
  oneLine,
  pairs,
  plain,
  stopTunnels,
  tell,
} from "./common.mjs";

/** Milliseconds between questions. */
const PAUSE = 200;
/** Lines of the log that a failure shows. */
const SHOWN = 20;

async function main() {
  const key = input("access-key");
  if (key === "") {
    throw new Error("The input access-key is empty: set the secret");
  }
  mask(key);
  mask(encodeURIComponent(key));
  const folder = mkdtempSync(
    join(process.env.RUNNER_TEMP ?? tmpdir(), "sallyport-"),
  );
  install(folder);
  // Only a runner of one's own can have kept a tunnel of another job.
  if (process.env.RUNNER_ENVIRONMENT === "self-hosted") {
    const { ci, repository, runner } = metadata();
    await stopTunnels({ ci, repository, runner });
  }
  const tunnel = await start(folder, key);
  tell("GITHUB_STATE", "pid", String(tunnel.child.pid));
  tell("GITHUB_STATE", "folder", folder);
  tell("GITHUB_ENV", "SALLYPORT_FOLDER", folder);
  await waitUntilReady(tunnel, folder);
  await publish(tunnel, { folder, key });
  tunnel.child.unref();
}

/** All comes from npm: the program, and Deno, which runs it. */
function install(folder) {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  console.log(`::group::Install ${input("package")}`);
  try {
    execFileSync(npm, [
      ...["install", "--prefix", folder, "--no-audit", "--no-fund"],
      ...["--prefer-offline", "--ignore-scripts", input("package")],
    ], { stdio: "inherit", shell: process.platform === "win32" });
  } finally {
    console.log("::endgroup::");
  }
}

async function start(folder, key) {
  const { env } = process;
  const name = input("tunnel-name") ||
    plain(`github-${metadata().run}-${randomUUID().slice(0, 4)}`);
  const api = `http://127.0.0.1:${await freePort()}`;
  const login = `sallyport:${randomUUID()}`;
  mask(login);
  const log = openSync(join(folder, "tunnel.log"), "a");
  const options = input("options").split("\n")
    .map((line) => line.trim()).filter((line) => line !== "")
    // "--name value" is an option and its value.
    .flatMap((line) => {
      const [, option, value] = /^(-[\w-]+)\s+(.*)$/.exec(line) ?? [];
      return option === undefined ? [line] : [option, value];
    });
  const command = join(folder, "node_modules/sallyport/src/npm/command.js");
  const child = spawn(process.execPath, [
    command,
    "run",
    "--inspector",
    ...options,
  ], {
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      ...env,
      // Such a parent would be missed.
      npm_command: undefined,
      SALLYPORT_SERVER: input("server"),
      SALLYPORT_USERNAME: input("username"),
      SALLYPORT_ACCESS_KEY: key,
      SALLYPORT_TUNNEL_NAME: name,
      SALLYPORT_API_ADDRESS: new URL(api).host,
      SALLYPORT_API_BASIC_AUTH: login,
      SALLYPORT_METADATA: pairs(metadata()),
      ...input("cacert-file") &&
        { SALLYPORT_CACERT_FILE: input("cacert-file") },
    },
  });
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(oneLine(error)));
    child.on(
      "exit",
      (code, signal) => resolve(`it ended with ${signal ?? code}`),
    );
  });
  return { name, api, login, child, ended };
}

async function waitUntilReady({ api, login, ended }, folder) {
  const until = Date.now() + Number(input("wait")) * 1000;
  let reason;
  const isReady = () =>
    ask(`${api}/readyz`, { login }).then(
      ({ status }) => status === 200,
      () => false,
    );
  void ended.then((why) => reason ??= why);
  while (reason === undefined && !await isReady()) {
    if (Date.now() > until) reason = `it is not ready after ${input("wait")} s`;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  if (reason === undefined) return;
  const lines = readFileSync(join(folder, "tunnel.log"), "utf8").trimEnd();
  console.log(lines.split("\n").slice(-SHOWN).join("\n"));
  throw new Error(`Cannot start the tunnel: ${reason}; its log is above`);
}

/** Outputs, and what fixtures of test frameworks find in the environment. */
async function publish({ name, api, login }, { folder, key }) {
  const { text } = await ask(`${api}/info`, { login });
  const { proxy } = JSON.parse(text);
  const username = `${input("username")}+${name}`;
  const address = /^https?:/.test(proxy) ? proxy : `http://${proxy}`;
  const url = new URL(address);
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(key);
  const records = new URL(`${api}/inspector/export.har`);
  [records.username, records.password] = login.split(":");
  for (const secret of [url.href, records.href]) mask(secret);
  for (
    const [output, value] of [
      ["proxy", address],
      ["username", username],
      ["tunnel-name", name],
      ["folder", folder],
    ]
  ) tell("GITHUB_OUTPUT", output, value);
  tell("GITHUB_ENV", "SALLYPORT_PROXY", url.href);
  tell("GITHUB_ENV", "SALLYPORT_HAR_URL", records.href);
  console.log(`The tunnel ${name} is up: ${address} as ${username}`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

main().catch((error) => {
  console.log(`::error::${oneLine(error)}`);
  process.exitCode = 1;
});
