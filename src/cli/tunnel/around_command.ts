// `sallyport run … -- command`: a tunnel for as long as a command runs.
import {
  proxySettings,
  type TunnelProxy,
} from "../../client/program/tunnel.ts";
import type { ClientConfig } from "../../config/options/client_config.ts";
import type { Environment } from "../../config/sources/environment.ts";
import type { LogTarget } from "../../log/log_writer.ts";
import type { Context } from "../context.ts";
import { type Launcher, LaunchError } from "../launch/launcher.ts";
import type { Service } from "../services.ts";
import { type CommandSignals, commandSignals } from "./command_signals.ts";
import type { FailureSummary } from "./failure_summary.ts";

/** How long requests may take that still run when the command has ended, in milliseconds. */
const GRACE = 5_000;

/** What a browser on this machine should not ask a proxy for. */
const LOCAL = "localhost,127.0.0.1,::1";

/** What runs around the command, and with what. */
export interface AroundCommand {
  readonly launcher: Launcher;
  readonly context: Pick<Context, "environment" | "printError">;
  readonly config: Pick<ClientConfig, "username" | "accessKey">;
  /** Whether the command gets `HTTP_PROXY` and the like. */
  readonly isProxied: boolean;
  /** How long running jobs may take in the end, in milliseconds. Default 5 s. */
  readonly shutdownTimeout: number | undefined;
}

/**
 * Starts the tunnel, then the command, and ends the tunnel after it.
 *
 * @returns The exit code of the command; 126 or 127 if it does not start.
 * @throws The error of `start`, except after a signal.
 */
export async function runAround(
  start: (signal: AbortSignal) => Promise<Service>,
  around: AroundCommand,
): Promise<number> {
  using _launcher = around.launcher;
  using signals = commandSignals();
  let service: Service;
  try {
    service = await start(signals.early);
  } catch (error) {
    if (signals.exitCode !== undefined) return signals.exitCode;
    throw error;
  }
  await using _service = service;
  // A signal came when the tunnel was just ready.
  if (signals.exitCode !== undefined) return signals.exitCode;
  return await runCommand(service, { ...around, signals });
}

async function runCommand(
  service: Service,
  { launcher, context, signals, ...around }: AroundCommand & {
    readonly signals: CommandSignals;
  },
): Promise<number> {
  const { printError } = context;
  let isOver = false;
  service.done.catch((error) => {
    if (!isOver) printError(`The tunnel has ended: ${messageOf(error)}`);
  });
  let code: number;
  try {
    const command = await launcher.start(
      variablesOf(service, { ...around, environment: context.environment }),
    );
    signals.passTo((signal) => command.signal(signal));
    code = await command.ended;
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    printError(error.message);
    code = error.code;
  }
  isOver = true;
  const cut = Promise.withResolvers<void>();
  signals.passTo(() => cut.resolve());
  const { shutdownTimeout = GRACE } = around;
  await Promise.race([
    service.stop("commandEnded", shutdownTimeout),
    cut.promise,
  ]);
  return code;
}

/** The variables by which a command finds the tunnel. */
function variablesOf(
  { tunnel }: Service,
  { config, isProxied, environment }:
    & Pick<AroundCommand, "config" | "isProxied">
    & { readonly environment: Environment },
): Readonly<Record<string, string>> {
  if (tunnel === undefined) return {};
  const { username: user, accessKey } = config;
  const url = urlOf(proxySettings({ user, accessKey, info: tunnel }));
  const own = { SALLYPORT_PROXY: url, SALLYPORT_TUNNEL_NAME: tunnel.name };
  if (!isProxied) return own;
  const before = environment("NO_PROXY") || environment("no_proxy");
  const except = before ? `${before},${LOCAL}` : LOCAL;
  return {
    ...own,
    // Some programs read one spelling, some the other.
    ...{ HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: except },
    ...{ http_proxy: url, https_proxy: url, no_proxy: except },
  };
}

function urlOf({ server, username, password }: TunnelProxy): string {
  const url = new URL(server);
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** Says what has failed, if anything has. */
export function tellFailures(
  failures: FailureSummary,
  printError: Context["printError"],
): void {
  for (const line of failures.lines()) printError(line);
}

/** Standard output belongs to the command: the log goes to standard error. */
export const STANDARD_ERROR: LogTarget = {
  write: (bytes) => Deno.stderr.write(bytes),
  // It belongs to the process.
  close() {},
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
