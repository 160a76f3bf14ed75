/*
 * `sallyport run --detach`: starts the program in the background, waits until
 * its tunnel is ready, and ends. This process uses no network.
 */
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import {
  DETACHED_COMMAND,
  type DetachOrder,
  type DetachReport,
} from "./messages.ts";
import { thisProgramWith } from "./self.ts";

/** The most that the report has, in characters. */
const MAX_REPORT = 64 * 1024;

/**
 * Starts a tunnel in the background.
 *
 * @param signal Ends the start.
 * @returns Its report; or the exit code of the process, which has said why.
 */
export async function detach(
  args: readonly string[],
  signal: AbortSignal,
): Promise<DetachReport | number> {
  const self = thisProgramWith([DETACHED_COMMAND]);
  const child = new Deno.Command(self.command, {
    args: [...self.args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // A process group of its own: Ctrl-C at this terminal does not reach it.
    detached: true,
  }).spawn();
  signal.addEventListener("abort", () => end(child));
  const order: DetachOrder = { args };
  const errors = forward(child.stderr);
  await send(child.stdin, JSON.stringify(order));
  const report = await firstLine(child.stdout);
  if (report !== undefined) {
    child.unref();
    return JSON.parse(report);
  }
  const [{ code }] = await Promise.all([child.status, errors]);
  // It has ended as if all was well, and without a tunnel: a signal came.
  return code === EXIT.done ? EXIT.interrupted : code;
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/** The words about a tunnel that is ready. */
export function tellDetached(
  { name, pid, proxy, log }: DetachReport,
  print: Context["print"],
): void {
  print(
    `tunnel "${name}" is ready\n` +
      `  proxy    ${proxy}\n` +
      `  log      ${log}\n` +
      `  process  ${pid}\n` +
      `stop it with: sallyport stop ${shellWord(name)}\n`,
  );
}

/** A name as one word of a shell. */
function shellWord(name: string): string {
  return /^[\w./@+-]+$/.test(name)
    ? name
    : `'${name.replaceAll("'", `'\\''`)}'`;
}

async function send(
  stdin: WritableStream<Uint8Array<ArrayBuffer>>,
  text: string,
): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // It has ended, and says why.
  }
}

/** Passes on what the process says, until it says no more. */
async function forward(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  for await (const piece of stderr) {
    let rest = piece;
    while (rest.length > 0) rest = rest.subarray(await Deno.stderr.write(rest));
  }
}

/** `undefined` when it ends without a whole line. */
async function firstLine(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string | undefined> {
  let text = "";
  for await (const piece of stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
    if (text.length > MAX_REPORT) break;
  }
  return undefined;
}
