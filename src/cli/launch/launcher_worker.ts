/*
 * The worker that starts the user's command. It is the only part of a running
 * client that may start programs, and may do nothing else.
 */

/** Where this file is: inside the compiled program, if it is one. */
export const LAUNCHER_WORKER_URL: string = import.meta.url;

/** A program and its arguments. */
export interface LaunchedCommand {
  /** A name on the `PATH`, or a path. */
  readonly command: string;
  readonly args: readonly string[];
}

/** What the program says. Only the first `prepare` and the first `start` count. */
export type LaunchOrder =
  /** Sent before anything that others have written runs. */
  | { readonly order: "prepare"; readonly command: LaunchedCommand }
  | {
    readonly order: "start";
    /** Added to the environment of this process. */
    readonly variables: Readonly<Record<string, string>>;
  }
  | { readonly order: "signal"; readonly signal: Deno.Signal };

/** What the worker says: `started` and then `ended`, or `failed`. */
export type LaunchReport =
  | { readonly report: "started" }
  | {
    readonly report: "failed";
    readonly why: "notFound" | "denied" | "other";
    /** What the system says. */
    readonly message: string;
  }
  | {
    readonly report: "ended";
    /** The exit code; 128 + the number of the signal that ended it. */
    readonly code: number;
  };

/** The part of a worker's `self` that is used. */
export interface LauncherScope {
  onmessage: ((event: MessageEvent<LaunchOrder>) => void) | null;
  postMessage(report: LaunchReport): void;
}

/** Serves the program to the end of the command. */
export function serveLauncher(scope: LauncherScope): void {
  let command: LaunchedCommand | undefined;
  let child: Deno.ChildProcess | undefined;
  scope.onmessage = ({ data }) => {
    if (data.order === "prepare") command ??= data.command;
    else if (data.order === "signal") send(data.signal);
    else if (command !== undefined && child === undefined) {
      void start(command, data.variables);
    }
  };

  async function start(
    { command, args }: LaunchedCommand,
    variables: Readonly<Record<string, string>>,
  ): Promise<void> {
    try {
      child = new Deno.Command(command, {
        args: [...args],
        env: { ...variables },
        stdin: "inherit",
        stdout: "inherit",
        stderr: "inherit",
      }).spawn();
    } catch (cause) {
      scope.postMessage(failureOf(cause));
      return;
    }
    scope.postMessage({ report: "started" });
    const { code } = await child.status;
    scope.postMessage({ report: "ended", code });
  }

  function send(signal: Deno.Signal): void {
    try {
      child?.kill(signal);
    } catch {
      // It has ended, or this system has no such signal.
    }
  }
}

function failureOf(cause: unknown): LaunchReport {
  const message = cause instanceof Error ? cause.message : String(cause);
  const why = cause instanceof Deno.errors.NotFound
    ? "notFound"
    : cause instanceof Deno.errors.PermissionDenied
    ? "denied"
    : "other";
  return { report: "failed", why, message };
}
