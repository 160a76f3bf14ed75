/**
 * Ports where nothing listens, of both kinds.
 *
 * @module
 */

/** An address of this machine besides 127.0.0.1. */
export const OTHER_LOOPBACK: string = Deno.build.os === "linux"
  ? "127.0.0.2" // Also there in containers without IPv6.
  : "::1";

/** A port that was free a moment ago: connections to it are refused. */
export function unusedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Marks a test with a deaf listener: Windows refuses what does not fit its queue. */
export const deafListeners: { readonly ignore: boolean } = {
  ignore: Deno.build.os === "windows",
};

/** A port whose queue is full. */
export interface DeafListener extends Disposable {
  readonly port: number;
}

/** The system gives up asking after this many connections that nobody took. */
const MAX_QUEUED = 8;
/** Connections over loopback are open long before. */
const ANSWER_TIME = 100;

/**
 * Listens on 127.0.0.1 and accepts nothing: what connects after this has
 * returned waits and waits, as for a host behind a firewall that drops packets.
 */
export async function startDeafListener(): Promise<DeafListener> {
  const listener = Deno.listen({
    hostname: "127.0.0.1",
    port: 0,
    tcpBacklog: 1,
  });
  const queued = new DisposableStack();
  queued.use(listener);
  for (let count = 0; count < MAX_QUEUED; count++) {
    const conn = await connectWithin(ANSWER_TIME, listener.addr.port);
    if (conn === undefined) {
      return {
        port: listener.addr.port,
        [Symbol.dispose]: () => queued.dispose(),
      };
    }
    queued.use(conn);
  }
  throw new Error("The queue of the listener does not fill");
}

async function connectWithin(
  ms: number,
  port: number,
): Promise<Deno.TcpConn | undefined> {
  try {
    const signal = AbortSignal.timeout(ms);
    return await Deno.connect({ hostname: "127.0.0.1", port, signal });
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
