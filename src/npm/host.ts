// Runs in Deno: a tunnel for a program in Node.js, which starts this process.
// Orders come on standard input; its end is the end of that program.
// First: it gives up the permission to start programs before others load.
import "./give_up.ts";
import { startTunnel } from "../client/program/start_tunnel.ts";
import type { ProgramTunnel } from "../client/program/tunnel.ts";
import type { ProgramOptions } from "../client/program/tunnel_options.ts";
import { trustSystem } from "../net/tls/system_trust.ts";
import {
  type HostError,
  type HostOrder,
  readLines,
  type Report,
} from "./messages.ts";

/** Writes one line. Standard output has nothing else: no log is configured. */
function say(report: Report): void {
  let rest = new TextEncoder().encode(`${JSON.stringify(report)}\n`);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}

function described(thrown: unknown): HostError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
  return { name: error.name, code, message: error.message };
}

/** Serves one program to its end. @returns The exit code. */
async function serve(): Promise<number> {
  const orders = readLines(Deno.stdin.readable) as AsyncGenerator<HostOrder>;
  const { value: first } = await orders.next();
  if (first === undefined || first.order !== "start") return 1;
  const gone = new AbortController();
  const rest = follow(orders, gone);
  let tunnel: ProgramTunnel;
  try {
    // Checked by startTunnel(), with the words of the command line.
    const options = first.options as unknown as ProgramOptions;
    tunnel = await startTunnel({ ...options, signal: gone.signal });
  } catch (error) {
    say({ report: "failed", error: described(error) });
    return 1;
  }
  rest.resolve(tunnel);
  const { id, name, apiUrl } = tunnel;
  say({ report: "ready", id, name, apiUrl, proxy: tunnel.proxy() });
  for await (const { state } of tunnel.events()) {
    say({ report: "state", state });
  }
  const { reason, error } = await tunnel.closed;
  say({ report: "closed", reason, error: error && described(error) });
  return 0;
}

/** Passes orders to the tunnel when it is there. Before that, they end its start. */
function follow(
  orders: AsyncGenerator<HostOrder>,
  gone: AbortController,
): PromiseWithResolvers<ProgramTunnel> {
  const started = Promise.withResolvers<ProgramTunnel>();
  let tunnel: ProgramTunnel | undefined;
  void started.promise.then((value) => tunnel = value);
  const act = async () => {
    for await (const order of orders) {
      if (tunnel === undefined) gone.abort();
      else if (order.order === "stop") void tunnel.stop(order);
      else await tunnel[Symbol.asyncDispose]();
    }
    // The program has ended, or was killed.
    gone.abort();
    await tunnel?.[Symbol.asyncDispose]();
  };
  void act();
  return started;
}

// Before any connection: the runtime asks once.
const untrusted = trustSystem();
if (untrusted !== undefined) {
  Deno.stderr.writeSync(new TextEncoder().encode(`sallyport: ${untrusted}\n`));
}
Deno.exit(await serve());
