/**
 * Pebble, an ACME server for tests, on loopback. It finds every name at
 * 127.0.0.1.
 *
 * @module
 */
import { join } from "node:path";
import { createTestAuthority } from "./certs.ts";
import { startDnsServer } from "./dns_server.ts";
import { freePort, untilTaken } from "./free_port.ts";
import { requireTool } from "./needs.ts";
import { TestProcess } from "./process.ts";

/** A running Pebble; disposing it ends it. */
export interface Pebble extends AsyncDisposable {
  /** URL of its directory. */
  readonly directory: string;
  /** What a client of the ACME server has to trust, as PEM. */
  readonly ca: string;
  /** The root of what it issues now, as PEM. */
  root(): Promise<string>;
  /** What it wrote, so far. */
  readonly said: string;
}

/** How it behaves. */
export interface PebbleOptions {
  /** Where it looks for HTTP-01. */
  readonly httpPort?: number;
  /** Where it looks for TLS-ALPN-01. */
  readonly tlsPort?: number;
  /** How long certificates are valid, in seconds. Default 90 days. */
  readonly validity?: number;
  /** MAC keys of external accounts, by key id; with it, every account needs one. */
  readonly externalKeys?: Readonly<Record<string, string>>;
}

/** Starts it. */
export async function startPebble(
  {
    httpPort = freePort(),
    tlsPort = freePort(),
    validity = 90 * 86_400,
    externalKeys,
  }: PebbleOptions = {},
): Promise<Pebble> {
  await using stack = new AsyncDisposableStack();
  const dns = stack.use(
    await startDnsServer(({ name, type }) => ({
      records: type === "A" ? [{ name, type, data: "127.0.0.1" }] : [],
    })),
  );
  const folder = await Deno.makeTempDir({ prefix: "sallyport-pebble-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const authority = await createTestAuthority();
  const { cert, key } = await authority.issue(["127.0.0.1"]);
  const path = (name: string) => join(folder, name);
  await Deno.writeTextFile(path("cert.pem"), cert);
  await Deno.writeTextFile(path("key.pem"), key);
  const [port, management] = [freePort(), freePort()];
  await Deno.writeTextFile(
    path("config.json"),
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: path("cert.pem"),
        privateKey: path("key.pem"),
        httpPort,
        tlsPort,
        externalAccountBindingRequired: externalKeys !== undefined,
        ...externalKeys && { externalAccountMACKeys: externalKeys },
        profiles: {
          default: { description: "for tests", validityPeriod: validity },
        },
      },
    }),
  );
  const { hostname, port: dnsPort } = dns.address;
  const pebble = stack.use(
    new TestProcess(requireTool("pebble"), [
      ...["-config", path("config.json")],
      ...["-dnsserver", `${hostname}:${dnsPort}`],
    ], {
      env: {
        PEBBLE_VA_NOSLEEP: "1",
        PEBBLE_AUTHZREUSE: "0",
        PEBBLE_WFE_NONCEREJECT: "0",
      },
    }),
  );
  await untilTaken(port);
  await untilTaken(management);
  const client = stack.adopt(
    Deno.createHttpClient({ caCerts: [authority.ca] }),
    (each) => each.close(),
  );
  const parts = stack.move();
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    ca: authority.ca,
    get said() {
      return pebble.stdout + pebble.stderr;
    },
    async root() {
      const url = `https://127.0.0.1:${management}/roots/0`;
      return await (await fetch(url, { client })).text();
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
