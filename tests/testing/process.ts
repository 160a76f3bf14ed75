/**
 * Programs as child processes: ours, as a user starts it, and those of others.
 *
 * Tests start what may be missing from a machine only here
 * (`tests/lint/programs.ts`), and only when they say so (`needs.ts`).
 *
 * @module
 */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { within } from "./deadline.ts";
import {
  EventLog,
  eventOfJson,
  eventOfText,
  type LogEvent,
} from "./event_log.ts";
import { isTool, requireTool } from "./needs.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** What surrounds the program. */
export interface ProcessOptions {
  /** Added to an environment in which nothing is set for the program itself. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it reads on standard input. Default: nothing. */
  readonly input?: string;
}

/** How a program ended. */
export interface Exit {
  /** The exit code; 128 + the signal's number when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts a program. For most tests {@linkcode TestProcess} is easier; this one
 * is for bytes, and for pipes that a test holds itself.
 *
 * @param command A name of `needs.ts`, or the path of a program.
 * @throws When it is another name, or no test of this file said `needs()`.
 */
export function spawn(
  command: string,
  options: Deno.CommandOptions = {},
): Deno.ChildProcess {
  return new Deno.Command(pathOf(command), options).spawn();
}

function pathOf(command: string): string {
  if (isTool(command)) return requireTool(command);
  if (basename(command) !== command) return command;
  throw new Error(
    `Cannot start "${command}": tests/testing/needs.ts does not know it`,
  );
}

/** Text that grows, and the tests that wait for a part of it. */
class Transcript {
  /** The lines of it that are the program's log. */
  readonly log = new EventLog();
  #text = "";
  /** Where the line begins that is not whole yet. */
  #lineStart = 0;
  #ended = false;
  readonly done: Promise<void>;
  #changed = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.done = this.#collect(stream);
  }

  get text(): string {
    return this.#text;
  }

  async match(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) return found;
      if (this.#ended) {
        throw new Error(`The program ended without ${pattern}`);
      }
      await this.#changed.promise;
    }
  }

  async #collect(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += piece;
      this.#readLines();
      this.#wake();
    }
    this.#ended = true;
    this.log.end();
    this.#wake();
  }

  #readLines(): void {
    for (;;) {
      const end = this.#text.indexOf("\n", this.#lineStart);
      if (end === -1) return;
      const line = this.#text.slice(this.#lineStart, end);
      this.#lineStart = end + 1;
      const event = eventOfJson(line) ?? eventOfText(line);
      if (event !== undefined) this.log.add(event);
    }
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

/** A running program; disposing it kills it if it still runs. */
export class TestProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Transcript;
  readonly #stderr: Transcript;
  #hasExited = false;

  /**
   * Starts a program.
   *
   * @param command A name of `needs.ts`, or the path of a program.
   * @throws When it is another name, or no test of this file said `needs()`.
   */
  constructor(command: string, args: readonly string[], {
    env = {},
    cwd,
    input,
  }: ProcessOptions = {}) {
    this.#child = spawn(command, {
      args: [...args],
      env: { ...cleanEnvironment(), ...env },
      clearEnv: true,
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      ...cwd === undefined ? {} : { cwd },
    });
    if (input !== undefined) void feed(this.#child.stdin, input);
    this.#stdout = new Transcript(this.#child.stdout);
    this.#stderr = new Transcript(this.#child.stderr);
  }

  /** What it wrote to standard output so far. */
  get stdout(): string {
    return this.#stdout.text;
  }

  /** What it wrote to standard error so far. */
  get stderr(): string {
    return this.#stderr.text;
  }

  /** Its log so far, when it logs to standard output, in either format. */
  get log(): Pick<EventLog, "all" | "matching"> {
    return this.#stdout.log;
  }

  /**
   * Waits for an event of its log; the arguments are those of
   * {@linkcode EventLog.seen}.
   *
   * @throws With all output, when it ended before or the time is up.
   */
  async event(...event: Parameters<EventLog["seen"]>): Promise<LogEvent> {
    return await this.#explained(this.#stdout.log.seen(...event));
  }

  /** The operating system's number of the process. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Waits until the output matches: for other programs, and for text that is
   * not in the log. `tests/lint/` lists the files that may do so.
   *
   * @throws With all output, when it ended before or the time is up.
   */
  async waitFor(
    pattern: RegExp,
    { stream = "stdout", ms }: {
      readonly stream?: "stdout" | "stderr";
      readonly ms?: number;
    } = {},
  ): Promise<RegExpExecArray> {
    const transcript = stream === "stdout" ? this.#stdout : this.#stderr;
    return await this.#explained(
      within(transcript.match(pattern), `${pattern} on ${stream}`, ms),
    );
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until it has ended by itself. */
  async exit(ms?: number): Promise<Exit> {
    const { code } = await this.#explained(
      within(this.#child.status, "the program to end", ms),
    );
    this.#hasExited = true;
    await Promise.all([this.#stdout.done, this.#stderr.done]);
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasExited) return;
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended between the last look and now.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.exit();
  }

  async #explained<T>(waiting: Promise<T>): Promise<T> {
    try {
      return await waiting;
    } catch (cause) {
      const said = `stdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
      throw new Error(`The program did not do as expected\n${said}`, { cause });
    }
  }
}

/** A program that does not read to the end says so by itself. */
async function feed(
  stdin: WritableStream<Uint8Array<ArrayBuffer>>,
  input: string,
): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
}

/** The test's own environment without the settings of the program, and without the repository that a hook of git names. */
function cleanEnvironment(): Record<string, string> {
  const entries = Object.entries(Deno.env.toObject());
  return Object.fromEntries(
    entries.filter(([name]) =>
      !/^(?:SALLYPORT_|SAUCE_|GIT_(?:DIR|WORK_TREE|INDEX_FILE)$)/.test(name)
    ),
  );
}

/** What surrounds `sallyport`. */
export interface ProgramOptions extends ProcessOptions {
  /** How many files it may have open; what the system says by default. Needs `sh`. */
  readonly files?: number | undefined;
  /** How large its files may become, in blocks of 512 bytes: for the program, the disk is full then. Needs `sh`. */
  readonly fileBlocks?: number | undefined;
  /** Whether a file that is too large is an error for it, as a full disk is, and not its end. Needs `sh`. */
  readonly survivesFullDisk?: boolean | undefined;
  /** The folder of a control group of Linux, which it joins before it starts. Needs `sh`. */
  readonly controlGroup?: string | undefined;
}

/** Starts `sallyport` with `args` and the permissions it is compiled with. */
export function startProgram(
  args: readonly string[],
  { files, fileBlocks, survivesFullDisk = false, controlGroup, ...options }:
    ProgramOptions = {},
): TestProcess {
  const command = ["run", "-q", "-P", "--no-prompt", MAIN, ...args];
  const surroundings = { ...options, env: { NO_COLOR: "1", ...options.env } };
  const limits = [
    ...controlGroup === undefined
      ? []
      : [`echo $$ > '${controlGroup}/cgroup.procs'`],
    ...files === undefined ? [] : [`ulimit -n ${files}`],
    // The signal would end it; without, writes fail.
    ...fileBlocks === undefined
      ? []
      : ["trap '' XFSZ", `ulimit -S -f ${fileBlocks}`],
    ...survivesFullDisk ? ["trap '' XFSZ"] : [],
  ];
  if (limits.length === 0) {
    return new TestProcess(Deno.execPath(), command, surroundings);
  }
  // It keeps the number of the process.
  const limited = ["-c", [...limits, 'exec "$0" "$@"'].join(" && ")];
  return new TestProcess(
    "sh",
    [...limited, Deno.execPath(), ...command],
    surroundings,
  );
}

/** Runs a program to its end; `command` is that of {@linkcode TestProcess}. */
export async function run(
  command: string,
  args: readonly string[],
  { ms, ...options }: ProcessOptions & { readonly ms?: number } = {},
): Promise<Exit> {
  await using child = new TestProcess(command, args, options);
  return await child.exit(ms);
}

/** Runs `sallyport` with `args` to its end. */
export async function runProgram(
  args: readonly string[],
  { ms, ...options }: ProcessOptions & { readonly ms?: number } = {},
): Promise<Exit> {
  await using program = startProgram(args, options);
  return await program.exit(ms);
}
