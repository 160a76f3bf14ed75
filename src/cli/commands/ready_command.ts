// `sallyport ready`: a readiness probe for containers, which may lack curl.
import { deadline } from "../../async/timer.ts";
import { containerSocket } from "../../config/options/api_config.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { ConfigError } from "../../config/errors.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import {
  type Address,
  formatAddress,
  reachableAddress,
} from "../../net/address/address.ts";
import { formatBasicCredentials } from "../../http/basic_credentials.ts";
import { Fields } from "../../http/fields.ts";
import { Http1Connection } from "../../http1/client/connection.ts";
import { sendHttp1 } from "../../http1/client/send.ts";
import { Http1Error } from "../../http1/errors.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import { type Command, onlyArgument } from "../command.ts";
import { EXIT } from "../exit_code.ts";

/** How long the response may take, in milliseconds. Containers allow about three seconds. */
const PROBE_TIMEOUT = 2000;
/** The exit code that containers take as unhealthy; other codes are reserved. */
const NOT_READY = 1;

const FIELDS = {
  configFile: CLIENT_FIELDS.configFile,
  apiAddress: CLIENT_FIELDS.apiAddress,
  apiSocket: CLIENT_FIELDS.apiSocket,
  apiBasicAuth: CLIENT_FIELDS.apiBasicAuth,
};

/** The command `ready`. */
export const READY_COMMAND: Command = {
  name: "ready",
  summary: "Check whether a running client is ready",
  usage: ["ready [options]"],
  description: "Checks with the status API of a client whether tests can " +
    "start. The exit code is 0 if they can. It is 1 if they cannot, or if " +
    "there is no response within 2 seconds. Use the same options as for the " +
    "client.",
  fields: FIELDS,
  async run(args, { environment, print, printError }) {
    const { values, positionals } = await collectOptions(CLIENT_FIELDS, {
      args,
      environment,
    });
    onlyArgument(positionals, []);
    const { apiAddress, apiSocket, apiBasicAuth } = validateOptions(
      FIELDS,
      values,
    );
    const endpoint = apiSocket ?? apiAddress ?? containerSocket(environment);
    if (endpoint === undefined) {
      throw new ConfigError(
        "required",
        "Cannot reach the client: its address is not set, use --api-address " +
          "or SALLYPORT_API_ADDRESS",
      );
    }
    const problem = await probe(endpoint, apiBasicAuth);
    if (problem === undefined) print("ready\n");
    else printError(problem);
    return problem === undefined ? EXIT.done : NOT_READY;
  },
};

/** The endpoint of the status API: an address, or the path of a Unix socket. */
type Endpoint = Address | string;

/** Why tests cannot start; `undefined` if they can. */
async function probe(
  endpoint: Endpoint,
  basicAuth: string | undefined,
): Promise<string | undefined> {
  const isSocket = typeof endpoint === "string";
  const name = isSocket ? endpoint : formatAddress(endpoint);
  const option = isSocket ? "--api-socket" : "--api-address";
  const expiry = new AbortController();
  try {
    const status = await deadline(
      statusOf(endpoint, { basicAuth, signal: expiry.signal }),
      PROBE_TIMEOUT,
      () => expiry.abort(),
    );
    if (status === "200") return undefined;
    if (status === "401") {
      return `Cannot check the client at "${name}": it requires credentials, set --api-basic-auth`;
    }
    if (status === "429") {
      return `Cannot check the client at "${name}": too many failed attempts, set --api-basic-auth and wait a minute`;
    }
    return `Cannot start tests: the client at "${name}" is not ready (${status}), wait until it is`;
  } catch (error) {
    const reason = reasonOf(error);
    return `Cannot reach the client at "${name}": ${reason}, check that it runs with this ${option}`;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException) return "no response within 2 seconds";
  return error instanceof Http1Error
    ? "that port does not speak HTTP"
    : "connection failed";
}

/**
 * The status of `/readyz`. It uses a socket, because `fetch` would send the
 * request to the proxy of the environment.
 */
async function statusOf(
  endpoint: Endpoint,
  { basicAuth, signal }: {
    readonly basicAuth: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const { conn, host } = await connect(endpoint, signal);
  const close = () => closeQuietly(conn);
  signal.addEventListener("abort", close, { once: true });
  try {
    const { status } = await sendHttp1(new Http1Connection(conn), {
      kind: "request",
      method: "GET",
      scheme: "http",
      authority: host,
      path: "/readyz",
      fields: authorization(basicAuth),
      body: undefined,
    }, { id: "ready", signal, inform() {} });
    return String(status);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

async function connect(
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<{ readonly conn: Deno.Conn; readonly host: string }> {
  if (typeof endpoint === "string") {
    const conn = await Deno.connect({ transport: "unix", path: endpoint });
    return { conn, host: "localhost" };
  }
  const address = reachableAddress(endpoint);
  const conn = await Deno.connect({ ...address, signal });
  return { conn, host: formatAddress(address) };
}

function authorization(basicAuth: string | undefined): Fields {
  if (basicAuth === undefined) return new Fields();
  const [username = "", ...rest] = basicAuth.split(":");
  const password = rest.join(":");
  const credentials = formatBasicCredentials({ username, password });
  return new Fields(["Authorization", credentials]);
}
