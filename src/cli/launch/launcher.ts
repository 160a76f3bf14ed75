/*
 * Starts one command that the user has given, and nothing else.
 *
 * The permission to start programs goes to a worker that gets the command before
 * the network and plugins are used. Then the program gives the permission up. A
 * defect in it can later only start that command.
 */
import { systemReason } from "../../log/system_reason.ts";
import {
  type LaunchedCommand,
  LAUNCHER_WORKER_URL,
  type LaunchOrder,
  type LaunchReport,
} from "./launcher_worker.ts";

/** Why a command did not start. */
export class LaunchError extends Error {
  /** Always `LaunchError`. */
  override readonly name = "LaunchError";
  /** The exit code that shells have for it: 127 not found, 126 for all else. */
  readonly code: 126 | 127;

  constructor(code: 126 | 127, message: string) {
    super(message);
    this.code = code;
  }
}

/** A command that was started. */
export interface RunningCommand {
  /** Its exit code; 128 + the number of the signal that ended it. */
  readonly ended: Promise<number>;
  /** Sends it a signal. Nothing happens when it has ended. */
  signal(name: Deno.Signal): void;
}

/** Can start one command, once. Disposing it does not end the command. */
export interface Launcher extends Disposable {
  /**
   * Starts the command with the terminal and the files of this process.
   *
   * @param variables Added to the environment of this process.
   * @throws {LaunchError} When it does not start.
   */
  start(variables: Readonly<Record<string, string>>): Promise<RunningCommand>;
}

/** Makes the launcher of a command. This process may give up its permission to start programs then. */
export function openLauncher(command: LaunchedCommand): Launcher {
  const url = workerUrl();
  const worker = new Worker(url, {
    type: "module",
    name: "launcher",
    deno: {
      permissions: {
        run: true,
        env: false,
        ffi: false,
        import: false,
        net: false,
        read: false,
        sys: false,
        write: false,
      },
    },
  });
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<number>();
  // Nobody waits for what did not start.
  started.promise.catch(() => {});
  ended.promise.catch(() => {});
  const order = (data: LaunchOrder) => worker.postMessage(data);
  worker.onmessage = ({ data }: MessageEvent<LaunchReport>) => {
    if (data.report === "started") started.resolve();
    else if (data.report === "ended") ended.resolve(data.code);
    else started.reject(errorOf(command, data));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new LaunchError(126, startErrorText(command, event.message));
    started.reject(error);
    ended.reject(error);
  };
  order({ order: "prepare", command });
  return {
    async start(variables) {
      order({ order: "start", variables });
      await started.promise;
      URL.revokeObjectURL(url);
      return {
        ended: ended.promise,
        signal: (signal) => order({ order: "signal", signal }),
      };
    },
    [Symbol.dispose]: () => worker.terminate(),
  };
}

function errorOf(
  command: LaunchedCommand,
  { why, message }: Extract<LaunchReport, { readonly report: "failed" }>,
): LaunchError {
  switch (why) {
    case "notFound":
      return new LaunchError(
        127,
        `Cannot run "${command.command}": no such program, check its name ` +
          "and the PATH",
      );
    case "denied":
      return new LaunchError(
        126,
        `Cannot run "${command.command}": it may not be executed, check the ` +
          "permissions of the file",
      );
    case "other":
      return new LaunchError(126, startErrorText(command, message));
  }
}

function startErrorText({ command }: LaunchedCommand, message: string): string {
  return `Cannot run "${command}": ${systemReason(new Error(message))}`;
}

/** The program's own code is imported by a literal, which needs no permission. */
function workerUrl(): string {
  const code = `
    import { serveLauncher } from ${JSON.stringify(LAUNCHER_WORKER_URL)};
    serveLauncher(self);
  `;
  return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
}
