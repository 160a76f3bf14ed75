/**
 * dnsmasq on loopback, which knows the names that a test gives it.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { requireTool } from "./needs.ts";
import { TestProcess } from "./process.ts";

/** A running dnsmasq; disposing it ends it. */
export interface Dnsmasq extends AsyncDisposable {
  readonly port: number;
  /** What it wrote about its queries, so far. */
  readonly said: string;
  /** Waits until it has written what matches. */
  told(pattern: RegExp): Promise<void>;
}

/** Starts it; `names` are addresses by domain, which hold for all below it too. */
export async function startDnsmasq(
  names: Readonly<Record<string, string>>,
): Promise<Dnsmasq> {
  await using stack = new AsyncDisposableStack();
  const port = freePort();
  const dnsmasq = stack.use(
    new TestProcess(requireTool("dnsmasq"), [
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--listen-address=127.0.0.1",
      "--bind-interfaces",
      `--port=${port}`,
      "--no-hosts",
      "--no-resolv",
      "--log-queries",
      "--log-facility=-",
      "--pid-file=",
      "--user=",
      ...Object.entries(names).map(([name, address]) =>
        `--address=/${name}/${address}`
      ),
    ]),
  );
  await dnsmasq.waitFor(/started, version/, { stream: "stderr" });
  const parts = stack.move();
  return {
    port,
    get said() {
      return dnsmasq.stderr;
    },
    async told(pattern) {
      await dnsmasq.waitFor(pattern, { stream: "stderr" });
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
