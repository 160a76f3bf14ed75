// deno-lint-ignore-file no-console explicit-module-boundary-types -- the runner reads these lines; JavaScript
// What the steps of the action share. Node.js has all that they need.
import { appendFileSync, readFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";

/** Milliseconds for one answer of server or tunnel. */
const PATIENCE = 20_000;

/** An input of the action. */
export function input(name) {
  return (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();
}

/** Adds a line to a file that the runner reads: outputs, environment, state. */
export function tell(file, name, value) {
  if (/[\r\n]/.test(value)) throw new Error(`${name} has more than one line`);
  const path = process.env[file];
  if (path) appendFileSync(path, `${name}=${value}\n`);
}

/** What the runner hides in all logs from now on. */
export function mask(secret) {
  if (secret !== "") console.log(`::add-mask::${secret}`);
}

/** A value of metadata: commas and equals signs separate them. */
export function plain(text) {
  return text.replace(/[^\w.@/-]+/g, "-").slice(0, 100);
}

/** Notes on the tunnel: who has started it, and where. */
export function metadata() {
  const { env } = process;
  return {
    ci: "github",
    repository: plain(env.GITHUB_REPOSITORY ?? ""),
    runner: plain(env.RUNNER_NAME ?? ""),
    run: plain(
      [env.GITHUB_RUN_ID, env.GITHUB_RUN_ATTEMPT, env.GITHUB_JOB].join("-"),
    ),
  };
}

/** As options and queries want it. */
export function pairs(values) {
  return Object.entries(values).map(([name, value]) => `${name}=${value}`)
    .join(",");
}

/** Sends a request, and gives its status and text. */
export function ask(url, { method = "GET", login, cacertFile } = {}) {
  const send = url.startsWith("https:") ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = send(url, {
      method,
      timeout: PATIENCE,
      ...login && { auth: login },
      ...cacertFile && { ca: readFileSync(cacertFile) },
    }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          text: Buffer.concat(pieces).toString(),
        }));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", reject);
    asked.end();
  });
}

/** Stops the tunnels that have these notes. What fails is a warning: it ends no job. */
export async function stopTunnels(notes) {
  const server = input("server").replace(/\/+$/, "");
  const user = encodeURIComponent(input("username"));
  const query = new URLSearchParams({ metadata: pairs(notes) });
  try {
    const { status, text } = await ask(
      `${server}/rest/v1/${user}/tunnels?${query}`,
      {
        method: "DELETE",
        login: `${input("username")}:${input("access-key")}`,
        cacertFile: input("cacert-file"),
      },
    );
    if (status >= 300) throw new Error(`status ${status}: ${text}`);
  } catch (error) {
    console.log(
      `::warning::Cannot stop tunnels of this runner: ${oneLine(error)}`,
    );
  }
}

/** For commands of the runner, which end with their line. */
export function oneLine(error) {
  return String(error?.message ?? error).replace(/\s+/g, " ");
}
