/**
 * A peer of a server program, at any address of this machine: the response it
 * gets at each port where users log in.
 *
 * @module
 */
import { RawClient } from "../testing/raw_client.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { USER } from "../testing/user.ts";
import type { ServerProgram } from "../system/programs.ts";

/** For tests with peers at several addresses of 127.0.0.0/8, of which macOS has one. */
export const ADDRESSES: { readonly ignore: boolean } = {
  ignore: Deno.build.os === "darwin",
};

/** A user and a key that may be right. */
export interface Login {
  readonly name: string;
  readonly key: string;
}

/** Fields of a request, and a signal that ends it from the peer's side. */
export interface Ask {
  readonly fields?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A request of the REST API besides its login. */
export interface RestAsk extends Ask {
  readonly method?: string;
  readonly body?: unknown;
}

/** One peer. */
export class Peer implements Disposable {
  readonly #server: ServerProgram;
  readonly #client: Deno.HttpClient;
  readonly #localAddress: string;

  private constructor(
    server: ServerProgram,
    { ca, localAddress }: {
      readonly ca: string;
      readonly localAddress: string;
    },
  ) {
    this.#server = server;
    this.#localAddress = localAddress;
    this.#client = Deno.createHttpClient({ caCerts: [ca], localAddress });
  }

  /** A peer at `127.0.0.1`, or at another address of this machine. */
  static async at(
    server: ServerProgram,
    localAddress = "127.0.0.1",
  ): Promise<Peer> {
    const ca = await Deno.readTextFile(server.caFile);
    return new Peer(server, { ca, localAddress });
  }

  /** The status and the JSON of a response of the REST API; the path follows `/rest/v1/<user>/`. */
  async rest(
    { name, key }: Login,
    path = "tunnels",
    { fields, signal, method = "GET", body }: RestAsk = {},
  ): Promise<{ readonly status: number; readonly data: unknown }> {
    const answer = await this.#fetch(`/rest/v1/${name}/${path}`, {
      method,
      headers: {
        Authorization: `Basic ${btoa(`${name}:${key}`)}`,
        ...body === undefined ? {} : { "Content-Type": "application/json" },
        ...fields,
      },
      body: body === undefined ? null : JSON.stringify(body),
      ...signal === undefined ? {} : { signal },
    });
    return { status: answer.status, data: await answer.json() };
  }

  /** The status of the page's form for signing in; 303 is success. */
  async signIn(
    { name, key }: Login,
    { fields = {}, signal }: Ask = {},
  ): Promise<number> {
    const answer = await this.#fetch("/login", {
      method: "POST",
      headers: { ...fields },
      body: new URLSearchParams({ username: name, key }),
      ...signal === undefined ? {} : { signal },
    });
    await answer.body?.cancel();
    return answer.status;
  }

  /** The status of the proxy port for the tunnel `none`, which does not run; 503 is a right login. */
  async proxy(
    { name, key }: Login,
    { fields = {}, signal }: Ask = {},
  ): Promise<number> {
    using client = Deno.createHttpClient({
      localAddress: this.#localAddress,
      proxy: {
        url: `http://127.0.0.1:${this.#server.proxyPort}`,
        basicAuth: { username: `${name}+none`, password: key },
      },
    });
    const answer = await fetch("http://nowhere.invalid/", {
      client,
      headers: { ...fields },
      ...signal === undefined ? {} : { signal },
    });
    await answer.body?.cancel();
    return answer.status;
  }

  /** What the server counts under this name; for users of the organization `default`. */
  async counts(metric: string, { name, key }: Login = USER): Promise<number> {
    const answer = await this.#fetch("/metrics", {
      headers: { Authorization: `Basic ${btoa(`${name}:${key}`)}` },
    });
    const family = parseMetrics(await answer.text()).get(metric);
    return family?.samples.reduce((sum, { value }) => sum + value, 0) ?? NaN;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(this.#server.url + path, {
      ...init,
      client: this.#client,
      redirect: "manual",
    });
  }
}

/** The reply of the proxy port to a login by SOCKS 5: 0 is success (RFC 1929 §2). */
export async function socksLogin(
  { proxyPort: port }: ServerProgram,
  { name, key }: Login,
): Promise<number> {
  using raw = await RawClient.connect({ port });
  await raw.send(Uint8Array.of(5, 1, 2));
  await raw.readExactly(2);
  await raw.send(Uint8Array.of(1, ...text(`${name}+none`), ...text(key)));
  const [, status = NaN] = await raw.readExactly(2);
  return status;
}

function text(value: string): readonly number[] {
  const bytes = new TextEncoder().encode(value);
  return [bytes.length, ...bytes];
}
