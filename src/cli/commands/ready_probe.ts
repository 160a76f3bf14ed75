// How `sallyport ready` asks a running program.
import { deadline } from "../../async/timer.ts";
import { formatBasicCredentials } from "../../http/basic_credentials.ts";
import { Fields } from "../../http/fields.ts";
import { Http1Connection } from "../../http1/client/connection.ts";
import { sendHttp1 } from "../../http1/client/send.ts";
import { Http1Error } from "../../http1/errors.ts";
import {
  type Address,
  formatAddress,
  reachableAddress,
} from "../../net/address/address.ts";
import { DialError } from "../../net/dial_error.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { startTlsOver } from "../../net/tls/start_tls_over.ts";

/** How long the response may take, in milliseconds. Containers allow about three seconds. */
const PROBE_TIMEOUT = 2000;

/** What is asked, and how. */
export interface Probe {
  /** An address, or the path of a Unix socket. */
  readonly endpoint: Address | string;
  /**
   * Whether TLS is spoken. The certificate is not verified: it names the server
   * as others reach it, and the probe sends no secret.
   */
  readonly secure?: boolean;
  /** `user:password` */
  readonly basicAuth?: string | undefined;
}

/**
 * The status of `/readyz`, from 100 to 599.
 *
 * @throws {Error} When there is none; the message is the reason in a few words.
 */
export async function readyStatus(probe: Probe): Promise<number> {
  const expiry = new AbortController();
  try {
    return await deadline(
      request(probe, expiry.signal),
      PROBE_TIMEOUT,
      () => expiry.abort(),
    );
  } catch (cause) {
    throw new Error(reasonOf(cause), { cause });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException) return "no response within 2 seconds";
  if (error instanceof DialError) return "that port does not speak TLS";
  return error instanceof Http1Error
    ? "that port does not speak HTTP"
    : "connection failed";
}

/** Uses a socket, because `fetch` would send the request to the proxy of the environment. */
async function request(
  { endpoint, secure = false, basicAuth }: Probe,
  signal: AbortSignal,
): Promise<number> {
  const { conn, address } = await connect(endpoint, signal);
  const close = () => closeQuietly(conn);
  signal.addEventListener("abort", close, { once: true });
  try {
    const stream: ByteStream = secure
      ? await startTlsOver(conn, { ...address, verify: false, signal })
      : conn;
    const { status } = await sendHttp1(new Http1Connection(stream), {
      kind: "request",
      method: "GET",
      scheme: secure ? "https" : "http",
      authority: typeof endpoint === "string"
        ? "localhost"
        : formatAddress(address),
      path: "/readyz",
      fields: authorization(basicAuth),
      body: undefined,
    }, { id: "ready", signal, inform() {} });
    return status;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

async function connect(
  endpoint: Address | string,
  signal: AbortSignal,
): Promise<{ readonly conn: Deno.Conn; readonly address: Address }> {
  if (typeof endpoint === "string") {
    const conn = await Deno.connect({ transport: "unix", path: endpoint });
    return { conn, address: { hostname: "localhost", port: 0 } };
  }
  const address = reachableAddress(endpoint);
  return { conn: await Deno.connect({ ...address, signal }), address };
}

function authorization(basicAuth: string | undefined): Fields {
  if (basicAuth === undefined) return new Fields();
  const [username = "", ...rest] = basicAuth.split(":");
  const password = rest.join(":");
  const credentials = formatBasicCredentials({ username, password });
  return new Fields(["Authorization", credentials]);
}
