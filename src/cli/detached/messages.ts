// What `run --detach` and the tunnel in the background say to each other, one JSON text each.

import { ConfigError } from "../../config/errors.ts";

/** The hidden command of the process in the background. */
export const DETACHED_COMMAND = "__detached";

/** On standard input: where secrets are not seen by others. */
export interface DetachOrder {
  /** The arguments of `run`. */
  readonly args: readonly string[];
}

/** Arguments are at most this long, in characters: systems allow no more on a command line. */
const MAX_ORDER = 2 * 1024 * 1024;

/** Tells the process that waits. @throws {Deno.errors.BrokenPipe} When it has gone: then nobody knows of the tunnel. */
export function writeReport(report: DetachReport): void {
  let rest = new TextEncoder().encode(`${JSON.stringify(report)}\n`);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}

/** Reads the order to the end of the input. @throws {ConfigError} When the input is another: people do not start this command. */
export async function readOrder(
  input: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<DetachOrder> {
  let text = "";
  for await (const piece of input.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.length > MAX_ORDER) break;
  }
  const order: unknown = text.startsWith("{") ? JSON.parse(text) : undefined;
  if (isOrder(order)) return order;
  throw new ConfigError(
    "badValue",
    'Cannot start in the background: use "sallyport run --detach"',
  );
}

function isOrder(value: unknown): value is DetachOrder {
  return typeof value === "object" && value !== null && "args" in value &&
    Array.isArray(value.args) &&
    value.args.every((each) => typeof each === "string");
}

/** On standard output, once, when the tunnel is ready. */
export interface DetachReport {
  readonly name: string;
  readonly pid: number;
  readonly proxy: string;
  /** The path of its log. */
  readonly log: string;
}
