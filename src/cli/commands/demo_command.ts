// `sallyport demo`: the whole system on this machine, with one request through it.
import type { Client } from "../../client/client.ts";
import { formatAddress } from "../../net/address/address.ts";
import { opened } from "../../net/listen/listen.ts";
import { tableResolver } from "../../net/names/resolver.ts";
import type { Server } from "../../server/server.ts";
import { type Command, unexpectedArgument } from "../command.ts";
import type { Context } from "../context.ts";
import { type DemoAnswer, getThroughProxy } from "./demo_request.ts";
import { EXIT } from "../exit_code.ts";
import { stopSignals } from "../signals.ts";

const USER = "demo";
const TUNNEL = "demo";
/** Two show that there can be more than one. */
const CONNECTIONS = 2;
const ANYWHERE = { hostname: "127.0.0.1", port: 0 } as const;

/** The command `demo`. */
export const DEMO_COMMAND: Command = {
  name: "demo",
  summary: "Show a tunnel at work on this machine",
  usage: ["demo [--once]"],
  description: "Starts a server, a client, and a small site that only the " +
    "client can reach. Then it sends a request through the tunnel and prints " +
    "what happened. It runs until Ctrl-C; with --once it ends after the " +
    "request. It leaves no files behind.",
  fields: {},
  isService: true,
  async run(args, context) {
    const once = args.includes("--once");
    const extra = args.find((arg) => arg !== "--once");
    if (extra !== undefined) throw unexpectedArgument(extra, ["--once"]);
    return await demonstrate(once, context);
  },
};

async function demonstrate(once: boolean, context: Context): Promise<number> {
  using signals = stopSignals();
  try {
    return await show(once, context, signals);
  } catch (error) {
    // A signal stopped it during the start, which needs no explanation.
    if (signals.signal.aborted) return EXIT.done;
    throw error;
  }
}

async function show(
  once: boolean,
  { print }: Context,
  signals: ReturnType<typeof stopSignals>,
): Promise<number> {
  await using services = new AsyncDisposableStack();
  const dataDir = await Deno.makeTempDir({ prefix: "sallyport-demo-" });
  services.defer(() => Deno.remove(dataDir, { recursive: true }));
  const { generateAccessKey } = await import(
    "../../server/accounts/access_key.ts"
  );
  const key = generateAccessKey();
  const site = services.use(startSampleSite());
  const server = services.use(await serverOf(dataDir, key));
  const client = services.use(
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

async function serverOf(dataDir: string, key: string): Promise<Server> {
  const { startServer } = await import("../../server/server.ts");
  return await startServer({
    dataDir,
    address: ANYWHERE,
    proxyAddress: ANYWHERE,
    users: [{ name: USER, key }],
    shutdownTimeout: 1_000,
  });
}

async function clientOf(
  { site, server, key, signal }: {
    readonly site: SampleSite;
    readonly server: Server;
    readonly key: string;
    readonly signal: AbortSignal;
  },
): Promise<Client> {
  const { startClient } = await import("../../client/client.ts");
  return await startClient({
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
  return `Cannot show the demo: the response has status ${status}: ${text}`;
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

  1  A site started that only the client can reach: http://${authorityOf(site)}/
  2  A server started and accepts clients at ${
    formatAddress(server.tunnelAddress)
  }.
  3  A client opened ${CONNECTIONS} TLS connections to the server and started
     the tunnel "${client.tunnel.name}" (${client.tunnel.id}).
  4  A request and its response passed through the tunnel in ${
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

/** The demo's site behind the firewall, until it is disposed. */
interface SampleSite extends AsyncDisposable {
  /** A name reserved for tests (RFC 6761 §6.2), which no DNS server knows. */
  readonly hostname: string;
  readonly port: number;
  /** Its address, which only the client knows. */
  readonly ip: string;
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Hello from behind the firewall</title>
<style>
  body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 34rem; padding: 0 1rem; color-scheme: light dark }
</style>
<h1>Hello from behind the firewall</h1>
<p>This page has no public address. You see it because a Sallyport client
dialled out of its network and carried your request back in.</p>
</html>
`;

/** Starts the site on a free port of this machine. */
function startSampleSite(): SampleSite {
  const address = { hostname: "127.0.0.1", port: 0 };
  const server = opened(
    address,
    () => Deno.serve({ ...address, onListen() {} }, showPage),
  );
  return {
    hostname: "intranet.test",
    port: server.addr.port,
    ip: server.addr.hostname,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function showPage(): Response {
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  return new Response(PAGE, { headers });
}
