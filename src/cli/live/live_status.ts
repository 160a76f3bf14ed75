/**
 * Keeps the status of a client below its log, where there is a terminal and
 * somebody who looks at it.
 *
 * @module
 */
import type { ClientSnapshot } from "../../client/state.ts";
import type { Environment } from "../../config/sources/environment.ts";
import type { LogConfig } from "../../config/options/log_config.ts";
import { LiveBlock, type Screen } from "./live_block.ts";
import { liveLines, type Moment } from "./live_lines.ts";

/** How often it is brought up to date, in milliseconds. */
const INTERVAL = 1_000;

const USUAL_COLUMNS = 80;

/** A status that is on the screen; disposing it erases it. */
export interface LiveStatus extends AsyncDisposable {
  /** Where the log goes. */
  readonly target: LiveBlock;
  /** Shows what `read` tells from now on. */
  watch(read: () => ClientSnapshot): void;
}

/**
 * A live status; `undefined` in pipes, in CI (`CI` is set), with a log in a file
 * or in JSON, and on terminals that cannot move their cursor.
 */
export function openLiveStatus(
  { logFile, logFormat, server }: LogConfig & { readonly server: string },
  environment: Environment,
): LiveStatus | undefined {
  const isPlain = logFile !== undefined || logFormat !== "text" ||
    (environment("CI") ?? "") !== "" || environment("TERM") === "dumb";
  if (isPlain || !Deno.stdout.isTerminal()) return undefined;
  return liveStatus(TERMINAL, { page: server, colours: !Deno.noColor });
}

const TERMINAL: Screen = {
  // Terminals that nobody looks at may have none.
  columns: () => Deno.consoleSize().columns || USUAL_COLUMNS,
  write: (bytes) => Deno.stdout.write(bytes),
};

function liveStatus(
  screen: Screen,
  options: { readonly page: string; readonly colours: boolean },
): LiveStatus {
  const target = new LiveBlock(screen);
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    target,
    watch(read) {
      let before: Moment | undefined;
      const show = () => {
        const now = { at: Date.now(), client: read() };
        target.show(liveLines(now, { ...options, before }));
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
