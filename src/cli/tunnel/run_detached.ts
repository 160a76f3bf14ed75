// The process of a tunnel in the background, which `run --detach` starts.
import type { ClientSnapshot } from "../../client/state.ts";
import type { ClientConfig } from "../../config/options/client_config.ts";
import type { RunningTunnels } from "../../config/running_tunnels.ts";
import { serveControl } from "../detached/control.ts";
import type { DetachReport } from "../detached/messages.ts";
import type { Context } from "../context.ts";
import { runService } from "../run_service.ts";
import type { Service } from "../services.ts";
import type { StopSignals } from "../signals.ts";

/** What a tunnel in the background is made of. */
export interface DetachedTunnel {
  readonly config: Pick<ClientConfig, "server">;
  /** Starts the client. */
  readonly start: (signal: AbortSignal) => Promise<Service>;
  readonly read: () => ClientSnapshot;
  readonly tunnels: RunningTunnels;
  /** The path of the log. */
  readonly log: string;
  /** Tells the process that waits. @throws When it has gone. */
  readonly report: (report: DetachReport) => void;
}

/** `sallyport stop`, once or twice. */
class StopOrders {
  readonly first: Promise<void>;
  /** A second one with no time left. */
  readonly cut: Promise<void>;
  readonly #first = Promise.withResolvers<void>();
  readonly #cut = Promise.withResolvers<void>();
  #isStopping = false;
  timeout: number | undefined;

  constructor() {
    this.first = this.#first.promise;
    this.cut = this.#cut.promise;
  }

  take(timeout: number | undefined): void {
    if (!this.#isStopping) this.timeout = timeout;
    else if (timeout === 0) this.#cut.resolve();
    this.#isStopping = true;
    this.#first.resolve();
  }
}

/**
 * Runs it until a signal or `sallyport stop`.
 *
 * @returns The exit code.
 */
export async function runDetached(
  tunnel: DetachedTunnel,
  signals: StopSignals,
  context: Context,
): Promise<number> {
  const orders = new StopOrders();
  const received = Promise.race([
    signals.received,
    orders.first.then(() => "stopCommand"),
  ]);
  return await runService(
    (signal) => startControlled(tunnel, orders, signal),
    { ...signals, received },
    context,
  );
}

async function startControlled(
  { start, config, read, tunnels, log, report }: DetachedTunnel,
  orders: StopOrders,
  signal: AbortSignal,
): Promise<Service> {
  await using stack = new AsyncDisposableStack();
  const service = stack.use(await start(signal));
  const token = crypto.randomUUID() + crypto.randomUUID();
  const control = stack.use(
    serveControl({ token, read, stop: (timeout) => orders.take(timeout) }),
  );
  const { id = "", name = "", proxyUrl: proxy = "" } = service.tunnel ?? {};
  const { pid } = Deno;
  stack.use(
    await tunnels.add({
      ...{ id, name, proxy, pid, token, log },
      server: config.server,
      since: new Date().toISOString(),
      control: control.port,
    }),
  );
  report({ name, pid, proxy, log });
  const parts = stack.move();
  return {
    done: service.done,
    reload: () => service.reload?.() ?? Promise.resolve(),
    stop: (reason) =>
      Promise.race([service.stop(reason, orders.timeout), orders.cut]),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
