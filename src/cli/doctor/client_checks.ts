// What a client needs, from its configuration to a request through its tunnel.
import { startClient } from "../../client/client.ts";
import type { ClientOptions } from "../../client/options.ts";
import { RestClient } from "../../client/rest/rest_client.ts";
import { serverConnect } from "../../client/sessions/server_connect.ts";
import { startErrorOf } from "../../client/start_error.ts";
import { durationText } from "../../config/values/units.ts";
import { VERSION } from "../../config/version.ts";
import { Fields } from "../../http/fields.ts";
import { Http1Connection } from "../../http1/client/connection.ts";
import { sendHttp1 } from "../../http1/client/send.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import { createDial } from "../../net/dial/dial.ts";
import type { Connect } from "../../net/dial/connect.ts";
import { DialError } from "../../net/dial_error.ts";
import {
  addressesOf,
  createNameResolver,
} from "../../net/names/name_resolver.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import {
  peerCertificates,
  startTlsOver,
} from "../../net/tls/start_tls_over.ts";
import { nameOf } from "../certificate/chain_text.ts";
import { addressOfOrigin } from "../certificate/pin_server.ts";
import {
  type Check,
  fail,
  type Finding,
  messageOf,
  ok,
  warn,
} from "./check.ts";

/** How long each step may take, in milliseconds. */
const TIMEOUT = 20_000;
/** A clock that is so far off is a nuisance, in milliseconds: times in logs do not fit. */
const SKEW_WARNING = 30_000;
/** A clock that is so far off breaks certificates and sign-ins, in milliseconds. */
const SKEW_FAILURE = 300_000;
const DAY = 24 * 3_600_000;
/** Certificates end without a word: so many days before, it is said. */
const EXPIRY_WARNING = 14;

/** What the checks look at. */
interface Subject {
  readonly options: ClientOptions;
  readonly address: Address;
  readonly connect: Connect;
}

/** The checks after that of the configuration. */
export function clientChecks(options: ClientOptions): readonly Check[] {
  const names = addressesOf(createNameResolver(options.names ?? {}));
  const subject: Subject = {
    options,
    address: addressOfOrigin(options.server),
    connect: serverConnect(options, names),
  };
  return [
    { name: "DNS", isStep: true, look: () => lookUpServer(subject, names) },
    {
      name: "proxy to the server",
      isStep: true,
      look: () => reachProxy(subject),
    },
    { name: "TCP", isStep: true, look: () => reachServer(subject) },
    { name: "clock", isStep: true, look: () => compareClocks(subject) },
    { name: "TLS", isStep: true, look: () => trustServer(subject) },
    { name: "REST API", isStep: true, look: () => logIn(subject) },
    { name: "upstream proxy", look: () => reachUpstream(subject) },
    { name: "tunnel", look: () => tryTunnel(subject, "direct") },
    { name: "WebSocket fallback", look: () => tryTunnel(subject, "websocket") },
  ];
}

async function lookUpServer(
  { options, address: { hostname } }: Subject,
  names: ReturnType<typeof addressesOf>,
): Promise<Finding | undefined> {
  // The proxy looks it up.
  if (options.serverProxy !== undefined) return undefined;
  try {
    const found = await names(hostname, AbortSignal.timeout(TIMEOUT)) ?? [];
    if (found.length > 0) return ok(`${hostname} is ${found.join(", ")}`);
  } catch (error) {
    return fail(messageOf(error), "check --server and --dns-server");
  }
  return fail(
    `No DNS server knows "${hostname}"`,
    "check --server, --dns-server and the hosts file",
  );
}

/** What the proxy is to blame for. What is behind it has checks of its own. */
async function reachProxy(
  { address, connect, options: { serverProxy } }: Subject,
): Promise<Finding | undefined> {
  if (serverProxy === undefined) return undefined;
  try {
    closeQuietly(
      await connect(
        { ...address, secure: false },
        AbortSignal.timeout(TIMEOUT),
      ),
    );
  } catch (error) {
    if (error instanceof DialError && error.isOfProxy) {
      return fail(messageOf(error));
    }
  }
  return ok(`${formatAddress(serverProxy)} accepts connections`);
}

async function reachUpstream(
  { options: { upstreamProxy } }: Subject,
): Promise<Finding | undefined> {
  if (upstreamProxy === undefined) return undefined;
  return await reach(upstreamProxy, "check --proxy");
}

async function reach(address: Address, remedy: string): Promise<Finding> {
  const resolve = addressesOf(createNameResolver({}));
  const dial = createDial({ resolve, attempts: 1, timeout: TIMEOUT });
  try {
    const conn = await dial(address, AbortSignal.timeout(TIMEOUT));
    closeQuietly(conn);
    return ok(`${formatAddress(address)} accepts connections`);
  } catch (error) {
    return fail(messageOf(error), remedy);
  }
}

async function reachServer({ address, connect }: Subject): Promise<Finding> {
  const startedAt = performance.now();
  const conn = await connect(
    { ...address, secure: false },
    AbortSignal.timeout(TIMEOUT),
  );
  const took = performance.now() - startedAt;
  closeQuietly(conn);
  return ok(`${formatAddress(address)} in ${took.toFixed(0)} ms`);
}

/**
 * Compares with the Date field of the server (RFC 9110 §6.6.1). It comes before
 * TLS and verifies nothing: with a wrong clock every certificate seems wrong.
 */
async function compareClocks(
  { address, connect, options: { server } }: Subject,
): Promise<Finding | undefined> {
  const date = await dateOf({ address, connect, server });
  if (date === undefined) return undefined;
  const skew = Date.now() - date;
  const distance = Math.abs(skew);
  // Clocks in messages have no fractions, and the message takes its time.
  const unit = distance < SKEW_FAILURE ? 1_000 : 60_000;
  const text = `This machine is ${
    durationText(Math.round(distance / unit) * unit)
  } ${skew > 0 ? "ahead of" : "behind"} the server`;
  const remedy = "set the clocks of both, or let NTP do it";
  if (distance >= SKEW_FAILURE) return fail(text, remedy);
  if (distance >= SKEW_WARNING) return warn(text, remedy);
  return ok("The server's clock agrees");
}

/** `undefined` where there is no such field; the checks that follow say why. */
async function dateOf(
  { address, connect, server }: Pick<Subject, "address" | "connect"> & {
    readonly server: string;
  },
): Promise<number | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT);
  try {
    const stream = await startTlsOver(
      await connect({ ...address, secure: false }, signal),
      { ...address, verify: false, timeout: TIMEOUT, signal },
    );
    try {
      const { fields } = await sendHttp1(new Http1Connection(stream), {
        kind: "request",
        method: "GET",
        scheme: "https",
        authority: new URL(server).host,
        path: "/readyz",
        fields: new Fields(),
        body: undefined,
      }, { id: "doctor", signal, inform() {} });
      const date = Date.parse(fields.get("date") ?? "");
      return Number.isNaN(date) ? undefined : date;
    } finally {
      closeQuietly(stream);
    }
  } catch {
    return undefined;
  }
}

async function trustServer(
  { address, connect, options }: Subject,
): Promise<Finding> {
  const signal = AbortSignal.timeout(TIMEOUT);
  try {
    closeQuietly(await connect({ ...address, secure: true }, signal));
  } catch (error) {
    return fail(messageOf(error), tlsRemedy(error, options.server));
  }
  const chain = await peerCertificates(
    await connect({ ...address, secure: false }, signal),
    { ...address, timeout: TIMEOUT, signal },
  );
  const path = chain.map(({ subject }) => `"${nameOf(subject)}"`)
    .join(", signed by ");
  const ends = Math.min(
    ...chain.map(({ validToDate }) => validToDate.getTime()),
  );
  const days = Math.floor((ends - Date.now()) / DAY);
  const text = `${path}; it is trusted and valid for ${days} more days`;
  return days < EXPIRY_WARNING
    ? warn(text, "renew the certificate of the server")
    : ok(text);
}

function tlsRemedy(error: unknown, server: string): string | undefined {
  if (!(error instanceof DialError)) return undefined;
  return error.code === "certificate"
    ? `compare its fingerprint with the server's log: sallyport trust ${server}`
    : "check the port of --server";
}

async function logIn({ options, connect }: Subject): Promise<Finding> {
  const { version } = VERSION;
  const { server, username, accessKey } = options;
  const signal = AbortSignal.timeout(TIMEOUT);
  const login = { server, username, accessKey, version, connect };
  try {
    const { fatal } = await new RestClient(login)
      .updates({
        client_version: version,
        client_host: `${VERSION.os} ${VERSION.arch}`,
        tunnel_name: options.tunnelName,
      }, signal);
    const [refusal] = fatal;
    if (refusal !== undefined) return fail(refusal);
  } catch (cause) {
    return fail(messageOf(startErrorOf(cause, new AbortController().signal)));
  }
  return ok(`The server knows "${username}" with this key`);
}

/** Opens a tunnel of another name, and has the server send a request through it. */
async function tryTunnel(
  { options }: Subject,
  transport: "direct" | "websocket",
): Promise<Finding | undefined> {
  const startedAt = performance.now();
  try {
    await using client = await startClient({
      ...options,
      tunnelName: `doctor-${crypto.randomUUID().slice(0, 8)}`,
      tunnelConnections: 1,
      tunnelTransport: transport,
      tunnelPool: false,
      shared: undefined,
      dedicatedPort: false,
      // Nothing of the user's runs or listens here.
      plugins: {},
      apiAddress: undefined,
      apiSocket: undefined,
      debugAddress: undefined,
      inspector: undefined,
      signal: AbortSignal.timeout(2 * TIMEOUT),
    });
    await client.stop("doctor", 0);
  } catch (error) {
    return fail(
      messageOf(error),
      transport === "direct" && options.tunnelTransport !== "direct"
        ? "the client uses WebSockets if the next check passes; let firewalls " +
          "and proxies pass TLS unopened"
        : "let firewalls and proxies pass WebSockets to the server",
    );
  }
  const took = performance.now() - startedAt;
  return ok(`A request has passed through a tunnel, in ${took.toFixed(0)} ms`);
}
