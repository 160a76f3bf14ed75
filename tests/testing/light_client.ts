/**
 * Clients that do little: a tunnel with one session, on the real wire, where
 * the response to every request is the id of the tunnel, at once or when the
 * test says so. Hundreds fit into one test.
 *
 * @module
 */
import { textBody } from "../../src/http/bytes_body.ts";
import type { Handler } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import type { Http2Connection } from "../../src/http2/api.ts";
import {
  type CreatedTunnelReply,
  createdTunnelReply,
  type CreateTunnelRequest,
} from "../../src/api/resources/tunnel_resource.ts";
import { serveSession } from "../../src/tunnel/serve_session.ts";
import { requestUpgrade } from "../../src/tunnel/upgrade.ts";
import { callRest, type RestServer } from "../system/rest_calls.ts";

/** A user, with the access key. */
export interface LightUser {
  readonly name: string;
  readonly key: string;
}

/** What a client is started with. */
export interface LightClientOptions {
  readonly user: LightUser;
  readonly tunnel: CreateTunnelRequest;
  /** Whether requests wait for `release`. Default `false`. */
  readonly isHolding?: boolean;
}

/** A client whose session is open or not, as the test says. */
export class LightClient implements AsyncDisposable {
  /** What the server said when it made the tunnel. */
  readonly tunnel: CreatedTunnelReply;
  readonly user: LightUser;
  readonly #released = Promise.withResolvers<void>();
  readonly #arrivals = new Map<number, PromiseWithResolvers<void>>();
  #arrived = 0;
  #session: Http2Connection | undefined;

  private constructor(
    tunnel: CreatedTunnelReply,
    { user, isHolding = false }: LightClientOptions,
  ) {
    this.tunnel = tunnel;
    this.user = user;
    if (!isHolding) this.release();
  }

  /** Makes a tunnel and opens its session. */
  static async start(
    server: RestServer,
    options: LightClientOptions,
  ): Promise<LightClient> {
    const { user, tunnel: body } = options;
    const answer = await callRest(server, {
      method: "POST",
      path: "",
      body,
      user,
    });
    if (answer.status !== 201) {
      throw new Error(`No tunnel was made: ${answer.status} ${answer.text}`);
    }
    const tunnel = createdTunnelReply.parse(answer.data);
    const client = new LightClient(tunnel, options);
    await client.connect(server, tunnel.tunnel_port);
    return client;
  }

  /** Opens the session, which responds with the id of the tunnel. */
  async connect({ caFile }: RestServer, port: number): Promise<void> {
    const conn = await Deno.connectTls({
      hostname: "127.0.0.1",
      port,
      caCerts: [await Deno.readTextFile(caFile)],
    });
    const { id: tunnelId, tunnel_token: token } = this.tunnel;
    const authority = `127.0.0.1:${port}`;
    const stream = await requestUpgrade(conn, { authority, tunnelId, token });
    const session = serveSession(stream, {
      handler: this.#answer,
      exchangeId: () => "light",
    });
    session.done.catch(() => {});
    this.#session = session;
  }

  /** Resolves when so many requests have come. */
  async held(count: number): Promise<void> {
    if (this.#arrived >= count) return;
    const arrival = Promise.withResolvers<void>();
    this.#arrivals.set(count, arrival);
    await arrival.promise;
  }

  /** Answers what waits and what comes. */
  release(): void {
    this.#released.resolve();
  }

  /** Resolves when the session has ended, however it did. */
  async ended(): Promise<void> {
    await this.#session?.done.catch(() => {});
  }

  /** Ends the session and nothing else. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
    this.#session = undefined;
  }

  readonly #answer: Handler = async () => {
    this.#arrived += 1;
    this.#arrivals.get(this.#arrived)?.resolve();
    await this.#released.promise;
    const body = textBody(this.tunnel.id);
    const fields = new Fields(["Content-Length", `${body.length}`]);
    return { kind: "response", status: 200, fields, body };
  };
}
