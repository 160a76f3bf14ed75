/**
 * `sallyport ready`: a probe for containers, which may have no curl.
 *
 * @module
 */
import { deadline } from "../../async/timer.ts";
import { containerSocket } from "../../config/options/api_config.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Fields } from "../../config/field.ts";
import { check, collect } from "../../config/load.ts";
import { formatBasicCredentials } from "../../http/basic_credentials.ts";
import {
  type Address,
  formatAddress,
  reachableAddress,
} from "../../net/address/address.ts";
import { type ByteReader, closeQuietly } from "../../net/stream/byte_stream.ts";
import { type Command, onlyWord } from "../command.ts";
import { EXIT } from "../exit_code.ts";

/** How long the answer may take, in milliseconds: containers allow about three seconds. */
const PROBE_TIMEOUT = 2000;
/** As much of the answer as `HTTP/1.1 200` takes. */
const STATUS_LINE_BYTES = 12;
/** What a container's health check takes for unhealthy; other codes are reserved. */
const NOT_READY = 1;

type ReadyConfig = Pick<
  ClientConfig,
  "apiAddress" | "apiSocket" | "apiBasicAuth" | "configFile"
>;

const FIELDS: Fields<ReadyConfig> = {
  configFile: CLIENT_FIELDS.configFile,
  apiAddress: CLIENT_FIELDS.apiAddress,
  apiSocket: CLIENT_FIELDS.apiSocket,
  apiBasicAuth: CLIENT_FIELDS.apiBasicAuth,
};

/** The command `ready`. */
export const READY_COMMAND: Command = {
  name: "ready",
  summary: "Ask a running client whether it is ready",
  usage: ["ready [options]"],
  description: "Asks the API server of a client whether tests can start. " +
    "Exits with 0 if they can and with 1 if not, or if there is no answer " +
    "within 2 seconds. Give it the same options as the client.",
  fields: { ...FIELDS },
  async run(args, { environment, print, complain }) {
    const { given, words } = await collect(CLIENT_FIELDS, {
      args,
      environment,
    });
    onlyWord(words, []);
    const { apiAddress, apiSocket, apiBasicAuth } = check(FIELDS, given);
    const place = apiSocket ?? apiAddress ?? containerSocket(environment);
    if (place === undefined) {
      throw new ConfigError(
        "required",
        "Cannot ask the client: its address is not set, use --api-address " +
          "or SALLYPORT_API_ADDRESS",
      );
    }
    const trouble = await probe(place, apiBasicAuth);
    if (trouble === undefined) print("ready\n");
    else complain(trouble);
    return trouble === undefined ? EXIT.done : NOT_READY;
  },
};

/** Where the client answers: an address, or the path of a Unix socket. */
type Place = Address | string;

/** What keeps tests from starting, in words; `undefined` if nothing does. */
async function probe(
  place: Place,
  basicAuth: string | undefined,
): Promise<string | undefined> {
  const isSocket = typeof place === "string";
  const name = isSocket ? place : formatAddress(place);
  const option = isSocket ? "--api-socket" : "--api-address";
  const giveUp = new AbortController();
  try {
    const status = await deadline(
      statusOf(place, { basicAuth, signal: giveUp.signal }),
      PROBE_TIMEOUT,
      () => giveUp.abort(),
    );
    if (status === "200") return undefined;
    if (status === "401") {
      return `Cannot ask the client at "${name}": it wants credentials, set --api-basic-auth`;
    }
    if (status === "429") {
      return `Cannot ask the client at "${name}": it was given too many wrong credentials, set --api-basic-auth and wait a minute`;
    }
    return `Cannot start tests: the client at "${name}" is not ready (${status}), wait until it is`;
  } catch (error) {
    const isLate = error instanceof DOMException;
    const reason = isLate ? "no answer within 2 seconds" : "it does not answer";
    return `Cannot ask the client at "${name}": ${reason}, check that it runs with this ${option}`;
  }
}

/**
 * The status of `/readyz`. A socket and not `fetch`, which would send the
 * question to a proxy if the environment names one.
 */
async function statusOf(
  place: Place,
  { basicAuth, signal }: {
    readonly basicAuth: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const { conn, host } = await reach(place, signal);
  const close = () => closeQuietly(conn);
  signal.addEventListener("abort", close, { once: true });
  try {
    await conn.write(new TextEncoder().encode(request(host, basicAuth)));
    return await readStatus(conn);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

async function reach(
  place: Place,
  signal: AbortSignal,
): Promise<{ readonly conn: Deno.Conn; readonly host: string }> {
  if (typeof place === "string") {
    const conn = await Deno.connect({ transport: "unix", path: place });
    return { conn, host: "localhost" };
  }
  const address = reachableAddress(place);
  const conn = await Deno.connect({ ...address, signal });
  return { conn, host: formatAddress(address) };
}

function request(host: string, basicAuth: string | undefined): string {
  const lines = ["GET /readyz HTTP/1.1", `Host: ${host}`, "Connection: close"];
  if (basicAuth !== undefined) {
    const [username = "", ...rest] = basicAuth.split(":");
    const password = rest.join(":");
    const credentials = formatBasicCredentials({ username, password });
    lines.push(`Authorization: ${credentials}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The three digits of an HTTP/1 status line (RFC 9112 §4). */
async function readStatus(conn: ByteReader): Promise<string> {
  const bytes = new Uint8Array(STATUS_LINE_BYTES);
  let count = 0;
  while (count < bytes.byteLength) {
    const read = await conn.read(bytes.subarray(count));
    if (read === null) break;
    count += read;
  }
  const line = new TextDecoder().decode(bytes.subarray(0, count));
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1];
  if (status === undefined) throw new SyntaxError("Not an HTTP status line");
  return status;
}
