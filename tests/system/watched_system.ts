/**
 * A system that somebody watches: server, client and the wire between them,
 * with the metrics of both at hand. Users of two organizations have accounts.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { databasePath } from "../../src/config/data_dir.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import type { Server } from "../../src/server/server.ts";
import { within } from "../testing/deadline.ts";
import { parseMetrics, type Sample } from "../testing/metrics_text.ts";
import { Relay } from "../testing/relay.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { USER } from "../testing/user.ts";
import { temporaryDirectory } from "./programs.ts";
import { startRestFront } from "./rest_front.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
/** Between two looks at the metrics, in milliseconds. */
const LOOK_AGAIN = 50;

/** The labels of a sample that a test looks for. */
export type Labels = Readonly<Record<string, string>>;

/** The metrics of a program at one moment. */
export class Scrape {
  /** As the program wrote them. */
  readonly text: string;
  readonly samples: readonly Sample[];

  constructor(text: string) {
    this.text = text;
    this.samples = [...parseMetrics(text).values()]
      .flatMap((family) => family.samples);
  }

  /** The sum of all samples of this name with these labels; 0 when there is none. */
  sum(name: string, labels: Labels = {}): number {
    return this.samples
      .filter((each) =>
        each.name === `sallyport_${name}` &&
        Object.entries(labels).every(([key, value]) =>
          each.labels[key] === value
        )
      )
      .reduce((sum, { value }) => sum + value, 0);
  }
}

/** What may be different. */
export interface WatchedOptions {
  readonly server?: Partial<ServerOptions>;
  readonly client?: Partial<ClientOptions>;
}

/** The running system. */
export interface WatchedSystem extends AsyncDisposable {
  readonly server: Server;
  readonly client: Client;
  /** Path of the server's authority. */
  readonly caFile: string;
  /** Between client and server. */
  readonly wire: Relay;
  /** A user of the organization `acme`. */
  readonly eve: { readonly name: string; readonly key: string };
  /** Reads the server's `/metrics`. */
  scrapeServer(): Promise<Scrape>;
  /** Reads the client's `/metrics`. */
  scrapeClient(): Promise<Scrape>;
  /** Asks the server's web address, without credentials. */
  askServer(path: string): Promise<{ status: number; text: string }>;
}

/** Starts it; resolves when requests pass. */
export async function startWatchedSystem(
  options: WatchedOptions = {},
): Promise<WatchedSystem> {
  await using stack = new AsyncDisposableStack();
  const { path: dataDir } = stack.use(await temporaryDirectory());
  const server = stack.use(
    await startTestServer({ ...options.server, dataDir }),
  );
  const eve = { name: "eve", key: await addEve(dataDir) };
  const pem = server.ca?.pem ?? assert.fail();
  const caFile = server.ca?.file ?? assert.fail();
  const wire = stack.use(await Relay.start(server.tunnelAddress.port));
  const url = server.url.replace(/\/$/, "");
  const front = stack.use(
    await startRestFront({ url, caFile }, { tunnelPort: wire.port }),
  );
  const client = stack.use(
    await startTestClient(server, {
      ...options.client,
      server: front.url,
      caCerts: [await Deno.readTextFile(front.caFile)],
      apiAddress: { hostname: "127.0.0.1", port: 0 },
    }),
  );
  const http = stack.use(Deno.createHttpClient({ caCerts: [pem] }));
  const credentials = `Basic ${btoa(`${USER.name}:${USER.key}`)}`;
  const ask = async (path: string, authorization?: string) => {
    const answer = await fetch(`${url}${path}`, {
      client: http,
      headers: authorization === undefined ? {} : { authorization },
    });
    return { status: answer.status, text: await answer.text() };
  };
  const parts = stack.move();
  return {
    ...{ server, client, caFile, wire, eve },
    askServer: (path) => ask(path),
    async scrapeServer() {
      const { status, text } = await ask("/metrics", credentials);
      assert.equal(status, 200, text);
      return new Scrape(text);
    },
    async scrapeClient() {
      const answer = await fetch(`${client.apiUrl}metrics`);
      assert.equal(answer.status, 200);
      return new Scrape(await answer.text());
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Reads metrics until they say what a test waits for. */
export async function scrapedUntil(
  scrape: () => Promise<Scrape>,
  holds: (scrape: Scrape) => boolean,
  what: string,
): Promise<Scrape> {
  return await within(look(), what);

  async function look(): Promise<Scrape> {
    for (;;) {
      const found = await scrape();
      if (holds(found)) return found;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    }
  }
}

/** A member of another organization. @returns The access key. */
async function addEve(dataDir: string): Promise<string> {
  using accounts = openAccounts(databasePath(dataDir), { cost: CHEAP });
  await accounts.organizations.add("acme");
  return await accounts.addUser("eve", { organization: "acme" });
}
