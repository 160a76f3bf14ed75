#!/usr/bin/env node
// The command `sallyport` of the npm package: the program in Deno, with the
// signals that this process gets, and with its exit code.
import process from "node:process";
import { InstallationError } from "./errors.ts";
import { startInDeno } from "./runtime.ts";

/** Windows has no SIGHUP and SIGQUIT. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK"] as const;

/** Milliseconds between looks at the parent. A signal to npx must end all within two seconds. */
const LOOK = 500;

function main(): void {
  const child = startInDeno("main.js", process.argv.slice(2), {
    stdio: "inherit",
  });
  for (const signal of SIGNALS) {
    try {
      process.on(signal, () => child.kill(signal));
    } catch {
      // The system does not have it.
    }
  }
  if (isRunByNpm()) onOrphaned(() => child.kill("SIGTERM"));
  child.on("error", fail);
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // Ends as the program has ended.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** npx passes a signal on to the shell between, which ends without a word to this process. */
function isRunByNpm(): boolean {
  return process.env["npm_command"] !== undefined;
}

function onOrphaned(act: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, LOOK);
  timer.unref();
}

function fail(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`sallyport: ${text}\n`);
  process.exit(error instanceof InstallationError ? 1 : 2);
}

try {
  main();
} catch (error) {
  fail(error);
}
