/** Shows the challenges HTTP-01 of a CA (RFC 8555 §8.3). */
import { serveApp, type ServeOptions } from "../../api/serving/serve.ts";
import type { Running } from "../../async/running.ts";
import type { Address } from "../../net/address/address.ts";
import type { ChallengePublisher } from "./challenge_kind.ts";

const PREFIX = "/.well-known/acme-challenge/";
/** A CA looks once and leaves, in milliseconds. */
const IDLE_TIMEOUT = 5_000;
const TEXT = { "content-type": "text/plain; charset=utf-8" };
const NOTHING_ELSE =
  "Only a certificate authority finds something here: this " +
  "port proves that this name leads to this server. Use https:// instead.\n";

/** The proofs that a CA may fetch now, by token. */
export class HttpChallenges implements ChallengePublisher {
  readonly kind = "http-01";
  readonly #pending = new Map<string, string>();

  publish(_domain: string, token: string, proof: string): Promise<Disposable> {
    this.#pending.set(token, proof);
    return Promise.resolve({
      [Symbol.dispose]: () => void this.#pending.delete(token),
    });
  }

  /** The response to a request for `path`. */
  respond(path: string): Response {
    const token = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : "";
    const proof = this.#pending.get(token);
    return proof === undefined
      ? new Response(NOTHING_ELSE, { status: 404, headers: TEXT })
      : new Response(proof, { headers: TEXT });
  }

  /** Opens the port for the CA. @throws {ListenError} When the address cannot be used. */
  listen(
    address: Address,
    options: Pick<ServeOptions, "limits" | "loginTimeout">,
  ): Running {
    const fetch = ({ url }: Request) => this.respond(new URL(url).pathname);
    return serveApp({ fetch }, address, {
      ...options,
      port: "acme",
      idleTimeout: IDLE_TIMEOUT,
    });
  }
}
