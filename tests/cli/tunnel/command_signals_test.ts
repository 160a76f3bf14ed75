import assert from "node:assert/strict";
import { commandSignals } from "../../../src/cli/tunnel/command_signals.ts";
import { within } from "../../testing/deadline.ts";

const UNIX = { ignore: Deno.build.os === "windows" };

/** Sends a signal to this process; resolves when it has been taken. */
async function send(signal: Deno.Signal): Promise<void> {
  const taken = Promise.withResolvers<void>();
  const listener = () => taken.resolve();
  Deno.addSignalListener(signal, listener);
  Deno.kill(Deno.pid, signal);
  await within(taken.promise, signal);
  Deno.removeSignalListener(signal, listener);
}

Deno.test(
  "a signal before the command ends the start, and says the exit code",
  UNIX,
  async () => {
    using signals = commandSignals(false);

    await send("SIGTERM");

    assert.ok(signals.early.aborted);
    assert.equal(signals.exitCode, 143);
  },
);

Deno.test(
  "signals reach the command, also those that came while it started",
  UNIX,
  async () => {
    using signals = commandSignals(false);
    const received: string[] = [];
    await send("SIGHUP");

    signals.passTo((signal) => received.push(signal));
    await send("SIGTERM");
    await send("SIGTERM");

    assert.deepEqual(received, ["SIGHUP", "SIGTERM", "SIGTERM"]);
  },
);

Deno.test(
  "signals of keys are left to the terminal, which sends them to the command too",
  UNIX,
  async () => {
    using signals = commandSignals(true);
    const received: string[] = [];
    signals.passTo((signal) => received.push(signal));

    await send("SIGQUIT");
    await send("SIGTERM");

    assert.deepEqual(received, ["SIGTERM"]);
  },
);
