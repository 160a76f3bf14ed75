/**
 * A whole system in this process: server, client, and the tunnel between them
 * over real TLS on loopback, on ports that the system chose.
 *
 * Hosts under `.test` are this machine for the client, and for nobody else: a
 * page at `http://origin.test:PORT` can only have come through the tunnel.
 *
 * @module
 */
import { type Client, startClient } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { databasePath } from "../../src/config/data_dir.ts";
import type { Address } from "../../src/net/address/address.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { type Server, startServer } from "../../src/server/server.ts";
import type { BrowserProxy } from "./browser.ts";
import { within } from "./deadline.ts";
import { TUNNEL, USER } from "./user.ts";

/** The least that `scrypt` takes: these keys guard nothing, and a start must not take 0.1 s of a core. */
const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
/** Exchanges that a test has left behind do not hold up its end. */
const SHUTDOWN_TIMEOUT = 200;
const ANY_PORT: Address = { hostname: "127.0.0.1", port: 0 };

/** What a browser says to the proxy. */
export interface ProxyCredentials {
  /** `demo+lab` */
  readonly username: string;
  readonly password: string;
}

/** What may be different from the defaults. */
export interface SystemOptions {
  readonly server?: Partial<ServerOptions>;
  readonly client?: Partial<ClientOptions>;
  /** Certificates in PEM that the client trusts besides the server's CA. */
  readonly trusted?: readonly string[];
}

/** A server and a client whose tunnel carries requests; disposing it ends both and leaves no files. */
export interface RunningSystem extends AsyncDisposable {
  readonly server: Server;
  readonly client: Client;
  /** Where browsers find their proxy, and their login for it. */
  readonly proxy: BrowserProxy;
  readonly proxyAddress: Address;
  /** The proxy without credentials: `http://127.0.0.1:PORT`. */
  readonly proxyUrl: string;
  /** The proxy with credentials, as curl takes it. */
  readonly proxyUrlWithCredentials: string;
  readonly credentials: ProxyCredentials;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string;
}

/** A server in a data directory of its own, where {@linkcode USER} exists; disposing it removes the directory too. */
export async function startTestServer(
  options: Partial<ServerOptions> = {},
): Promise<Server> {
  await using stack = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? await temporaryDirectory(stack);
  await addUser(dataDir);
  const server = stack.use(
    await startServer({
      address: ANY_PORT,
      tunnelAddress: ANY_PORT,
      proxyAddress: ANY_PORT,
      shutdownTimeout: SHUTDOWN_TIMEOUT,
      ...options,
      dataDir,
    }),
  );
  const parts = stack.move();
  return {
    ...server,
    // It changes when an ACME server issues a certificate.
    get ca() {
      return server.ca;
    },
    get browserCa() {
      return server.browserCa;
    },
    [Symbol.asyncDispose]: () =>
      within(parts.disposeAsync(), "the server to stop"),
  };
}

/** A client of `server` that may reach this machine; resolves when requests pass. */
export async function startTestClient(
  server: Server,
  options: Partial<ClientOptions> = {},
): Promise<Client> {
  const client = await within(
    startClient({
      server: server.url,
      username: USER.name,
      accessKey: USER.key,
      tunnelName: TUNNEL,
      caCerts: server.ca === undefined ? [] : [server.ca.pem],
      tunnelConnections: 2,
      proxyLocalhost: "allow",
      shutdownTimeout: SHUTDOWN_TIMEOUT,
      resolve: resolveTestHosts,
      ...options,
    }),
    "the client to be ready",
  );
  return {
    ...client,
    [Symbol.asyncDispose]: () =>
      within(
        Promise.resolve(client[Symbol.asyncDispose]()),
        "the client to stop",
      ),
  };
}

/** Starts a server and a client. */
export async function runningSystem(
  {
    server: serverOptions = {},
    client: clientOptions = {},
    trusted = [],
  }: SystemOptions = {},
): Promise<RunningSystem> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startTestServer(serverOptions));
  const caCerts = [
    ...server.ca === undefined ? [] : [server.ca.pem],
    ...trusted,
  ];
  const client = stack.use(
    await startTestClient(server, { caCerts, ...clientOptions }),
  );
  const credentials = proxyCredentials(clientOptions.tunnelName);
  const { username, password } = credentials;
  const { hostname, port } = server.proxyAddress;
  const parts = stack.move();
  return {
    server,
    client,
    credentials,
    proxy: { hostname, port, credentials: `${username}:${password}` },
    proxyAddress: server.proxyAddress,
    proxyUrl: `http://${hostname}:${port}`,
    proxyUrlWithCredentials: `http://${
      encodeURIComponent(username)
    }:${password}@${hostname}:${port}`,
    authorization: `Basic ${btoa(`${username}:${password}`)}`,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** What {@linkcode USER} says to the proxy to use a tunnel. */
export function proxyCredentials(
  tunnelName: string = TUNNEL,
): ProxyCredentials {
  return { username: `${USER.name}+${tunnelName}`, password: USER.key };
}

/** Hosts under `.test` are 127.0.0.1; the resolver of test clients. */
export function resolveTestHosts(
  host: string,
): Promise<readonly string[] | undefined> {
  return Promise.resolve(host.endsWith(".test") ? ["127.0.0.1"] : undefined);
}

async function temporaryDirectory(
  stack: AsyncDisposableStack,
): Promise<string> {
  const path = await Deno.makeTempDir({ prefix: "sallyport-test-" });
  stack.defer(() => Deno.remove(path, { recursive: true }));
  return path;
}

/** Beforehand and with a cheap hash; the server leaves a user alone who is there. */
async function addUser(dataDir: string): Promise<void> {
  using accounts = openAccounts(databasePath(dataDir), { cost: CHEAP });
  await accounts.bootstrap([USER]);
}
