// Proves that a tunnel works: sends a request as a browser would, through the
// proxy, the tunnel and the client, and back.
//
// The connection to the proxy stays inside this process. Where several event loops
// share a port, a dialled one could reach another of them. That the port accepts
// connections is checked first, so what is ready is usable.
//
// The client itself responds for the probe's host name, so the probe touches
// nothing else on its network. It proves all of the path but the last step to a site.
import { deadline } from "../../async/timer.ts";
import {
  type BasicCredentials,
  formatBasicCredentials,
} from "../../http/basic_credentials.ts";
import type { PlainRequest } from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { Http1Connection } from "../../http1/client/connection.ts";
import { sendHttp1 } from "../../http1/client/send.ts";
import type { ByteStream } from "../../net/stream/byte_stream.ts";
import { PROBE_HOST } from "../../tunnel/protocol.ts";
import { generateSecret, SecretHash } from "../accounts/secret.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

/** How a probe went; `durationMs` is the round trip. */
export type ProbeResult =
  | { readonly ok: true; readonly durationMs: number }
  | { readonly ok: false; readonly error: string };

/** No user has this name: user names cannot contain `!`. */
const PROBE_USER = "!probe";
/** Milliseconds. The client responds at once; the time is for slow lines. */
const PROBE_TIMEOUT = 10_000;

/** How to get to the proxy. */
export interface ProxyPath {
  /** Why browsers cannot connect to it; `undefined` if they can. */
  check(): string | undefined;
  /** Connects inside this process. */
  connect(): ByteStream;
}

/** Probes tunnels, and recognizes its own probes at the proxy port. */
export class Prober {
  readonly #secret = generateSecret();
  readonly #hash = new SecretHash(this.#secret);
  /** Running probes. Later callers share the result, so a tunnel has one probe at most. */
  readonly #running = new Map<Tunnel, Promise<ProbeResult>>();

  /** Id of the tunnel that a probe is for; `undefined` when the credentials are not those of a probe. */
  tunnelIdOf(username: string, password: string): string | undefined {
    const [user, tunnelId] = username.split("+");
    if (user !== PROBE_USER || !this.#hash.matches(password)) return undefined;
    return tunnelId;
  }

  /** Sends a request through the proxy and `tunnel`, and back. Never throws. */
  probe(tunnel: Tunnel, proxy: ProxyPath): Promise<ProbeResult> {
    return this.#running.getOrInsertComputed(
      tunnel,
      () =>
        this.#probe(tunnel, proxy)
          .finally(() => this.#running.delete(tunnel)),
    );
  }

  async #probe(tunnel: Tunnel, proxy: ProxyPath): Promise<ProbeResult> {
    const startedAt = performance.now();
    const trouble = proxy.check();
    if (trouble !== undefined) return { ok: false, error: trouble };
    try {
      const status = await this.#send(tunnel, proxy);
      if (status === 204) {
        return { ok: true, durationMs: performance.now() - startedAt };
      }
      return { ok: false, error: `the proxy responded with status ${status}` };
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      return { ok: false, error };
    }
  }

  async #send(tunnel: Tunnel, proxy: ProxyPath): Promise<number> {
    const { signal } = new AbortController();
    const connection = new Http1Connection(proxy.connect());
    const credentials = {
      username: `${PROBE_USER}+${tunnel.id}`,
      password: this.#secret,
    };
    const context = { id: `probe-${tunnel.id}`, signal, inform() {} };
    try {
      const response = await deadline(
        sendHttp1(connection, requestWith(credentials), context, {
          form: "absolute",
        }),
        PROBE_TIMEOUT,
        () => connection.close(),
      );
      return response.status;
    } finally {
      connection.close();
    }
  }
}

function requestWith(credentials: BasicCredentials): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority: PROBE_HOST,
    path: "/",
    fields: new Fields([
      "Proxy-Authorization",
      formatBasicCredentials(credentials),
    ]),
    body: undefined,
  };
}
