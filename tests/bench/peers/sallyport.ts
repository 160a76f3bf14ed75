/**
 * Sallyport: `server` and `run` as their users start them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { LightClient } from "../../testing/light_client.ts";
import type { TestProcess } from "../../testing/process.ts";
import type { Peer } from "../peer.ts";
import type { Place } from "../place.ts";
import project from "../../../deno.json" with { type: "json" };

const MAIN = fileURLToPath(new URL("../../../main.ts", import.meta.url));
const USER = "bench";
const KEY = "bench-key-123456";
const TUNNEL = "bench";
/** One user may have 100. */
const TUNNELS_OF_A_USER = 50;

/** A folder for CPU profiles of both ends; without it none are taken. */
const PROFILES = Deno.env.get("SALLYPORT_BENCH_PROFILES");

/** Starts the program at `main` with `args`. */
function startEnd(
  place: Place,
  { main, args, env }: {
    readonly main: string;
    readonly args: readonly [end: string, ...flags: string[]];
    readonly env: Readonly<Record<string, string>>;
  },
): TestProcess {
  const profile = PROFILES === undefined ? [] : [
    "--cpu-prof",
    `--cpu-prof-dir=${PROFILES}`,
    `--cpu-prof-name=${args[0]}.cpuprofile`,
  ];
  const command = ["run", "-qA", ...profile, main, ...args];
  const child = place.spawn(Deno.execPath(), command, env);
  // The profile is written at the end of the process.
  if (PROFILES !== undefined) place.endGently(child);
  return child;
}

interface StartedServer {
  readonly server: TestProcess;
  readonly ports: { readonly rest: number; readonly proxy: number };
}

async function startServer(
  place: Place,
  { main, users }: { readonly main: string; readonly users: number },
): Promise<StartedServer> {
  const ports = {
    rest: place.freePort(),
    tunnel: place.freePort(),
    proxy: place.freePort(),
  };
  const tunnelHost = await place.wire(ports.tunnel);
  const args = [
    "server",
    `--address=127.0.0.1:${ports.rest}`,
    `--tunnel-address=127.0.0.1:${ports.tunnel}`,
    `--proxy-address=127.0.0.1:${ports.proxy}`,
    `--external-host=${tunnelHost}`,
    `--data-dir=${place.path("data")}`,
    `--tls-cert-file=${place.path("cert.pem")}`,
    `--tls-key-file=${place.path("key.pem")}`,
    "--shutdown-timeout=1s",
  ] as const;
  const accounts = Array.from({ length: users - 1 }, (_, at) => accountOf(at));
  const config = JSON.stringify({
    users: [`${USER}:${KEY}`, ...accounts.map((a) => `${a.name}:${a.key}`)],
  });
  const file = `--config-file=${await place.write("server.json", config)}`;
  const server = startEnd(place, { main, args: [...args, file], env: {} });
  await place.untilOpen(ports.rest);
  return { server, ports };
}

/** A user besides the one whose tunnel is measured. */
function accountOf(at: number): { name: string; key: string } {
  return { name: `other${at}`, key: `other${at}-key-123456` };
}

/** Tunnels besides the one that is measured; they do nothing. */
async function openTunnels(
  place: Place,
  rest: number,
  count: number,
): Promise<void> {
  const server = {
    url: `https://127.0.0.1:${rest}`,
    caFile: place.path("ca.pem"),
  };
  for (let at = 0; at < count; at += 1) {
    place.keep(
      await LightClient.start(server, {
        user: accountOf(Math.floor(at / TUNNELS_OF_A_USER)),
        tunnel: { tunnel_identifier: `idle-${at}` },
      }),
    );
  }
}

/** Both ends, with the defaults of a user. */
export const SALLYPORT: Peer = sallyport({
  name: "sallyport",
  about: "this program, defaults, HTTP proxy with credentials",
});

/** A client to measure. */
export interface SallyportPeer extends Pick<Peer, "name" | "about"> {
  /** Plugins by file name, in the order of their names. */
  readonly plugins?: Readonly<Record<string, string>>;
  /** More flags of the client. */
  readonly flags?: readonly string[];
  /** How many users the server has. Default 1. */
  readonly users?: number;
  /** How many tunnels are open at the server. Those besides the measured one do nothing. Default 1. */
  readonly tunnels?: number;
  /** Path of the program of another commit. Default this tree's. */
  readonly main?: string;
}

/** Both ends, with what the client has besides. */
export function sallyport(
  {
    plugins = {},
    flags = [],
    tunnels = 1,
    users = 1 + Math.ceil((tunnels - 1) / TUNNELS_OF_A_USER),
    main = MAIN,
    ...peer
  }: SallyportPeer,
): Peer {
  return {
    ...peer,
    programs: [],
    version: () =>
      Promise.resolve(`${project.version} on Deno ${Deno.version.deno}`),
    async start(place) {
      const { server, ports } = await startServer(place, { main, users });
      await openTunnels(place, ports.rest, tunnels - 1);
      const files = Object.entries(plugins);
      for (const [name, text] of files) await place.write(name, text);
      const client = startEnd(place, {
        main,
        env: { SALLYPORT_ACCESS_KEY: KEY },
        args: [
          "run",
          `--server=https://127.0.0.1:${ports.rest}`,
          `--cacert-file=${place.path("ca.pem")}`,
          `--username=${USER}`,
          `--tunnel-name=${TUNNEL}`,
          "--proxy-localhost=allow",
          "--shutdown-timeout=1s",
          ...files.map(([name]) => `--plugin=${place.path(name)}`),
          ...flags,
        ],
      });
      const authorization = `Basic ${btoa(`${USER}+${TUNNEL}:${KEY}`)}`;
      const stream = place.route(ports.proxy, "connect", { authorization });
      await client.event("Sallyport is up, you may start your tests");
      await place.untilReady(stream);
      return {
        stream,
        plain: { ...stream, form: "absolute" },
        server: [server.pid],
        client: [client.pid],
      };
    },
  };
}
