// deno-lint-ignore-file no-console -- the runner reads these lines
// Stops the tunnel when the job ends, however it ends.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { metadata, stopTunnels } from "./common.mjs";

/** Milliseconds for the tunnel to end by itself. */
const PATIENCE = 10_000;
const PAUSE = 100;

const { STATE_pid: pid = "", STATE_folder: folder = "" } = process.env;

function runs() {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

if (pid !== "") {
  const until = Date.now() + PATIENCE;
  // Twice is at once: nobody waits for jobs of tests that have ended.
  for (const pause of [500, 0]) {
    if (runs()) process.kill(Number(pid), "SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  while (runs() && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  if (runs()) process.kill(Number(pid), "SIGKILL");
  console.log("::group::Log of the tunnel");
  console.log(readFileSync(join(folder, "tunnel.log"), "utf8"));
  console.log("::endgroup::");
  // If the process was killed, the server still waits for it.
  await stopTunnels(metadata());
}
