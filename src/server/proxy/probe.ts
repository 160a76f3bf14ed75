/**
 * Proves that requests pass: sends one from the outside, as a browser would,
 * through the proxy port, the tunnel and the client, and back.
 *
 * The client itself answers the probe's host name, so that nothing else on its
 * network is touched. What the probe proves is every part of the way but the
 * last step to a site.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { deadline } from "../../async/timer.ts";
import { BufferedReader } from "../../http1/parse/buffered_reader.ts";
import { parseResponse } from "../../http1/parse/header_parser.ts";
import { readHeaderSection } from "../../http1/parse/header_reader.ts";
import type { Address } from "../../net/address/address.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import { writeAll } from "../../net/stream/copy.ts";
import { createDial } from "../../net/dial/dial.ts";
import { firstAnswer, systemResolver } from "../../net/names/resolver.ts";
import { PROBE_HOST } from "../../tunnel/protocol.ts";
import { mintSecret, SecretHash } from "../accounts/secret.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

/** How a probe went; `durationMs` is the round trip. */
export type ProbeResult =
  | { readonly ok: true; readonly durationMs: number }
  | { readonly ok: false; readonly error: string };

/** No user can be called so: `!` is not allowed in user names. */
const PROBE_USER = "!probe";
/** A probe goes to a place that answers at once; slow lines get 10 s. */
const PROBE_TIMEOUT = 10_000;

/** Probes tunnels, and knows its own probes when they come to the proxy port. */
export class Prober {
  readonly #secret = mintSecret();
  readonly #hash = new SecretHash(this.#secret);
  /** Those under way: whoever asks meanwhile gets the same answer, so there is one for each tunnel at most. */
  readonly #underWay = new Map<Tunnel, Promise<ProbeResult>>();
  readonly #dial = createDial({
    resolve: firstAnswer(systemResolver),
    attempts: 1,
    timeout: PROBE_TIMEOUT,
  });

  /** The tunnel that credentials of a probe are for, or `undefined` when they are none. */
  tunnelIdOf(username: string, password: string): string | undefined {
    const [user, tunnelId] = username.split("+");
    if (user !== PROBE_USER || !this.#hash.matches(password)) return undefined;
    return tunnelId;
  }

  /** Sends a request through the proxy port at `proxy` and `tunnel`, and back. Never throws. */
  probe(tunnel: Tunnel, proxy: Address): Promise<ProbeResult> {
    return this.#underWay.getOrInsertComputed(
      tunnel,
      () =>
        this.#probe(tunnel, proxy)
          .finally(() => this.#underWay.delete(tunnel)),
    );
  }

  async #probe(tunnel: Tunnel, proxy: Address): Promise<ProbeResult> {
    const startedAt = performance.now();
    try {
      const status = await this.#ask(tunnel, proxy);
      if (status === 204) {
        return { ok: true, durationMs: performance.now() - startedAt };
      }
      return { ok: false, error: `it was answered with status ${status}` };
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      return { ok: false, error };
    }
  }

  async #ask(tunnel: Tunnel, proxy: Address): Promise<number> {
    const conn = await this.#dial(proxy, new AbortController().signal);
    const credentials = `${PROBE_USER}+${tunnel.id}:${this.#secret}`;
    try {
      return await deadline(
        exchange(conn, credentials),
        PROBE_TIMEOUT,
        () => closeQuietly(conn),
      );
    } finally {
      closeQuietly(conn);
    }
  }
}

async function exchange(conn: Deno.Conn, credentials: string): Promise<number> {
  const head = [
    `GET http://${PROBE_HOST}/ HTTP/1.1`,
    `Host: ${PROBE_HOST}`,
    `Proxy-Authorization: Basic ${Buffer.from(credentials).toString("base64")}`,
    "Connection: close",
  ];
  const text = `${head.join("\r\n")}\r\n\r\n`;
  await writeAll(conn, new TextEncoder().encode(text));
  const answer = await readHeaderSection(new BufferedReader(conn));
  if (answer === undefined) throw new Error("the proxy closed the connection");
  return parseResponse(answer).status;
}
