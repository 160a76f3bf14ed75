/**
 * `sallyport demo`: the whole system on this machine, with a request through
 * it, explained in plain words.
 *
 * @module
 */
import { type Client, startClient } from "../../client/client.ts";
import { formatAddress } from "../../net/address/address.ts";
import { tableResolver } from "../../net/names/resolver.ts";
import { generateAccessKey } from "../../server/accounts/access_key.ts";
import { type Server, startServer } from "../../server/server.ts";
import { type Command, unexpected } from "../command.ts";
import type { Context } from "../context.ts";
import { type DemoAnswer, getThroughProxy } from "./demo_request.ts";
import { EXIT } from "../exit_code.ts";
import { type SampleSite, startSampleSite } from "./sample_site.ts";
import { stopSignals } from "../signals.ts";

const USER = "demo";
const TUNNEL = "demo";
/** Enough to see that there is more than one. */
const CONNECTIONS = 2;
const ANYWHERE = { hostname: "127.0.0.1", port: 0 } as const;

/** The command `demo`. */
export const DEMO_COMMAND: Command = {
  name: "demo",
  summary: "Show a tunnel at work on this machine",
  usage: ["demo [--once]"],
  description: "Starts a server, a client and a small site that only the " +
    "client can reach, sends a request through the tunnel, and says what " +
    "happened. It stays up for you to try until Ctrl-C; with --once it ends " +
    "after the request. Nothing is left on this machine.",
  fields: {},
  async run(args, context) {
    const once = args.includes("--once");
    const extra = args.find((arg) => arg !== "--once");
    if (extra !== undefined) throw unexpected(extra, ["--once"]);
    return await demonstrate(once, context);
  },
};

async function demonstrate(once: boolean, context: Context): Promise<number> {
  using signals = stopSignals();
  try {
    return await show(once, context, signals);
  } catch (error) {
    // Whoever stops it in the middle of its start wants no reasons.
    if (signals.signal.aborted) return EXIT.done;
    throw error;
  }
}

async function show(
  once: boolean,
  { print }: Context,
  signals: ReturnType<typeof stopSignals>,
): Promise<number> {
  await using parts = new AsyncDisposableStack();
  const dataDir = await Deno.makeTempDir({ prefix: "sallyport-demo-" });
  parts.defer(() => Deno.remove(dataDir, { recursive: true }));
  const key = generateAccessKey();
  const site = parts.use(startSampleSite());
  const server = parts.use(await serverOf(dataDir, key));
  const client = parts.use(
    await clientOf({ site, server, key, signal: signals.signal }),
  );
  const answer = await getThroughProxy(authorityOf(site), {
    address: server.proxyAddress,
    username: `${USER}+${TUNNEL}`,
    password: key,
  });
  if (answer.status !== 200) throw new Error(failureOf(answer));
  print(story({ site, server, client, answer }));
  if (once) return EXIT.done;
  print(invitation({ site, server, key }));
  await signals.received;
  return EXIT.done;
}

function serverOf(dataDir: string, key: string): Promise<Server> {
  return startServer({
    dataDir,
    address: ANYWHERE,
    tunnelAddress: ANYWHERE,
    proxyAddress: ANYWHERE,
    users: [{ name: USER, key }],
    shutdownTimeout: 1_000,
  });
}

function clientOf(
  { site, server, key, signal }: {
    readonly site: SampleSite;
    readonly server: Server;
    readonly key: string;
    readonly signal: AbortSignal;
  },
): Promise<Client> {
  return startClient({
    server: server.url,
    username: USER,
    accessKey: key,
    tunnelName: TUNNEL,
    tunnelConnections: CONNECTIONS,
    caCerts: server.ca ? [server.ca.pem] : [],
    proxyLocalhost: "allow",
    resolve: tableResolver({ [site.hostname]: [site.ip] }),
    signal,
  });
}

function authorityOf({ hostname, port }: SampleSite): string {
  return `${hostname}:${port}`;
}

function failureOf({ status, text }: DemoAnswer): string {
  return `Cannot show the demo: the request was answered with ${status}: ${text}`;
}

function story(
  { site, server, client, answer }: {
    readonly site: SampleSite;
    readonly server: Server;
    readonly client: Client;
    readonly answer: DemoAnswer;
  },
): string {
  const title = /<title>(.*)<\/title>/.exec(answer.text)?.[1] ?? "";
  return `
Sallyport at work, all on this machine:

  1  A site came up that only the client can find: http://${authorityOf(site)}/
  2  A server came up; it takes clients at ${
    formatAddress(server.tunnelAddress)
  }.
  3  A client dialled out to it with ${CONNECTIONS} TLS connections and was given
     the tunnel "${client.tunnel.name}" (${client.tunnel.id}).
  4  A request went the whole way, and its answer back, in ${
    answer.duration.toFixed(1)
  } ms:

     browser -> proxy -> server == HTTP/2 over TLS == client -> site

     GET http://${authorityOf(site)}/
     ${answer.status} OK, ${answer.text.length} bytes: "${title}"

`;
}

function invitation(
  { site, server, key }: {
    readonly site: SampleSite;
    readonly server: Server;
    readonly key: string;
  },
): string {
  const proxy = formatAddress(server.proxyAddress);
  return `Try it yourself:

     curl -x http://${proxy} -U ${USER}+${TUNNEL}:${key} \\
       http://${authorityOf(site)}/

  In a browser: HTTP proxy ${proxy}, user ${USER}+${TUNNEL}, password as above.
  The page:     ${server.url} (user ${USER}, same password)

Press Ctrl-C to stop.
`;
}
