/**
 * Sallyport: `server` and `run` as their users start them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { TestProcess } from "../../testing/process.ts";
import type { Peer } from "../peer.ts";
import type { Place } from "../place.ts";
import project from "../../../deno.json" with { type: "json" };

const MAIN = fileURLToPath(new URL("../../../main.ts", import.meta.url));
const USER = "bench";
const KEY = "bench-key-123456";
const TUNNEL = "bench";

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

async function startServer(place: Place, main: string): Promise<
  { server: TestProcess; ports: { rest: number; proxy: number } }
> {
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
  const env = { SALLYPORT_USERS: `${USER}:${KEY}` };
  const server = startEnd(place, { main, args: [...args], env });
  await place.untilOpen(ports.rest);
  return { server, ports };
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
  /** Path of the program of another commit. Default this tree's. */
  readonly main?: string;
}

/** Both ends, with what the client has besides. */
export function sallyport(
  { plugins = {}, flags = [], main = MAIN, ...peer }: SallyportPeer,
): Peer {
  return {
    ...peer,
    programs: [],
    version: () =>
      Promise.resolve(`${project.version} on Deno ${Deno.version.deno}`),
    async start(place) {
      const { server, ports } = await startServer(place, main);
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
