import type { ClientSnapshot } from "../../client/state.ts";
import type { Environment } from "../../config/sources/environment.ts";
import type { LogConfig } from "../../config/options/log_config.ts";
import { type Screen, StatusBlock, widthOf } from "./status_block.ts";
import { statusLines, type TimedSnapshot } from "./status_lines.ts";

/** The time between updates, in milliseconds. */
const INTERVAL = 1_000;

const USUAL_COLUMNS = 80;

/** The status of a client below its log. Disposing it erases the status. */
export interface LiveStatus extends AsyncDisposable {
  /** The target of the log. */
  readonly target: StatusBlock;
  /** Shows the results of `read`. */
  watch(read: () => ClientSnapshot): void;
}

/**
 * Opens a live status in a terminal. The result is `undefined` in pipes, in CI
 * (`CI` is set), with a log in a file or in JSON, and on terminals that cannot
 * move their cursor or do not know their width.
 */
export function openLiveStatus(
  { logFile, logFormat, server }: LogConfig & { readonly server: string },
  environment: Environment,
  terminal: Terminal = TERMINAL,
): LiveStatus | undefined {
  const isPlain = logFile !== undefined || logFormat !== "text" ||
    (environment("CI") ?? "") !== "" || environment("TERM") === "dumb";
  if (isPlain || !terminal.isTerminal()) return undefined;
  if (widthOf(terminal) === undefined) return undefined;
  return liveStatus(terminal, { page: server, colours: !Deno.noColor });
}

/** What standard output is. */
export interface Terminal extends Screen {
  /** Whether it claims to be one. */
  isTerminal(): boolean;
}

const TERMINAL: Terminal = {
  isTerminal: () => Deno.stdout.isTerminal(),
  // Terminals without a window may report no width.
  columns: () => Deno.consoleSize().columns || USUAL_COLUMNS,
  write: (bytes) => Deno.stdout.write(bytes),
};

function liveStatus(
  screen: Screen,
  options: { readonly page: string; readonly colours: boolean },
): LiveStatus {
  const target = new StatusBlock(screen);
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    target,
    watch(read) {
      let before: TimedSnapshot | undefined;
      const show = () => {
        const now = { at: Date.now(), client: read() };
        target.show(statusLines(now, { ...options, before }));
        before = now;
      };
      show();
      timer = setInterval(show, INTERVAL);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await target[Symbol.asyncDispose]();
    },
  };
}
