/**
 * One site on two machines: 127.0.0.1 and 127.0.0.2, at the same port.
 *
 * @module
 */
import { startSite } from "./origin.ts";
import type { TcpServer } from "./tcp_server.ts";

/** Two machines that each answer with their address. */
export interface Rotation extends AsyncDisposable {
  readonly port: number;
  /** Connections that both have taken so far. */
  readonly accepted: number;
}

/** Ports that are tried: the second machine may have another's port. */
const ATTEMPTS = 10;

/** Starts both. */
export function startRotation(): Rotation {
  for (let attempt = 1;; attempt++) {
    const first = startMachine("127.0.0.1", 0);
    try {
      const second = startMachine("127.0.0.2", first.port);
      return {
        port: first.port,
        get accepted() {
          return first.accepted + second.accepted;
        },
        async [Symbol.asyncDispose]() {
          await first[Symbol.asyncDispose]();
          await second[Symbol.asyncDispose]();
        },
      };
    } catch (cause) {
      void first[Symbol.asyncDispose]();
      if (attempt === ATTEMPTS) throw cause;
    }
  }
}

function startMachine(hostname: string, port: number): TcpServer {
  return startSite(
    (exchange) => exchange.answer(200, { body: hostname }),
    { hostname, port },
  );
}
