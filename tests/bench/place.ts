/**
 * Where one peer runs: its folder, certificate, ports, processes, and the wire
 * between its ends. All of it ends with the place.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep, timer } from "../../src/async/timer.ts";
import type { CertifiedKey } from "../testing/certs.ts";
import { TestProcess } from "../testing/process.ts";
import type { Route } from "./programs/route.ts";
import { openRoute, requestBytes, writeAll } from "./programs/route.ts";
import { Responses } from "./programs/responses.ts";
import { SMALL_CONTENT } from "./programs/load_spec.ts";

/** The client dials this address when there is a relay on the way; servers listen on 127.0.0.1. */
const FAR_HOST = "127.0.0.2";
const PATIENCE = 20_000;
const LOOK_AGAIN = 50;

/** What all places of a run share. */
export interface Site {
  readonly originPort: number;
  /** A certificate for 127.0.0.1, 127.0.0.2 and `localhost`. */
  readonly certificate: CertifiedKey;
  /** The authority that signed it, as PEM. */
  readonly ca: string;
}

/** Where one peer runs. */
export class Place implements AsyncDisposable {
  readonly site: Site;
  /** A folder of its own. */
  readonly dir: string;
  readonly #roundTrip: number | undefined;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    site: Site,
    dir: string,
    roundTrip: number | undefined,
    stack: AsyncDisposableStack,
  ) {
    this.site = site;
    this.dir = dir;
    this.#roundTrip = roundTrip;
    this.#stack = stack;
  }

  /** @param roundTrip Milliseconds between the ends; `undefined` without a relay. */
  static async open(
    site: Site,
    roundTrip: number | undefined,
  ): Promise<Place> {
    await using stack = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "sallyport-bench-" });
    stack.defer(() => Deno.remove(dir, { recursive: true }));
    const place = new Place(site, dir, roundTrip, stack.move());
    await place.write("cert.pem", site.certificate.cert);
    await place.write("key.pem", site.certificate.key);
    await place.write("ca.pem", site.ca);
    return place;
  }

  /** The origin as `host:port`. */
  get origin(): string {
    return `127.0.0.1:${this.site.originPort}`;
  }

  /** The path of a file of this place; `cert.pem`, `key.pem` and `ca.pem` are there. */
  path(name: string): string {
    return join(this.dir, name);
  }

  /** Writes a file, readable for its owner only, and returns its path. */
  async write(name: string, text: string): Promise<string> {
    const path = this.path(name);
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    return path;
  }

  /** A port that was free a moment ago. */
  freePort(): number {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return listener.addr.port;
  }

  /** Starts a program. */
  spawn(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): TestProcess {
    return this.#stack.use(
      new TestProcess(command, args, { env, cwd: this.dir }),
    );
  }

  /** Ends something with the place, before what was started earlier. */
  keep(resource: AsyncDisposable): void {
    this.#stack.use(resource);
  }

  /** Gives a program time to end by itself, before it is killed with the place. */
  endGently(child: TestProcess): void {
    this.#stack.defer(async () => {
      child.signal("SIGTERM");
      await child.exit(PATIENCE);
    });
  }

  /** Starts one of the programs of this folder. */
  async spawnOwn(
    name: string,
    ...args: readonly string[]
  ): Promise<TestProcess> {
    const path = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
    const child = this.spawn(Deno.execPath(), ["run", "-qA", path, ...args]);
    await child.waitFor(/\n/);
    return child;
  }

  /** Lays the wire to a server on `port`; returns the host that the other end dials. */
  async wire(port: number): Promise<string> {
    if (this.#roundTrip === undefined) return "127.0.0.1";
    const delay = String(this.#roundTrip / 2);
    await this.spawnOwn("delay_relay.ts", FAR_HOST, String(port), delay);
    return FAR_HOST;
  }

  /** A route that enters on `port` of this machine. */
  route(
    port: number,
    form: Route["form"],
    { hostname = "127.0.0.1", authorization }: Partial<Route> = {},
  ): Route {
    return { hostname, port, form, authority: this.origin, authorization };
  }

  /** Waits until somebody listens on a port. */
  async untilOpen(port: number): Promise<void> {
    await eventually(async () => {
      using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
    });
  }

  /** Waits until the origin responds over `route`. */
  async untilReady(route: Route): Promise<void> {
    await eventually(async () => {
      using conn = await openRoute(route);
      using _limit = closeAfter(conn, 2000);
      await writeAll(conn, requestBytes(route, `/bytes/${SMALL_CONTENT}`));
      const isAnswered = await new Responses(conn, SMALL_CONTENT).next();
      if (!isAnswered) throw new Error("The origin does not answer");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Tries until it succeeds; throws the last failure when it never does. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + PATIENCE;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await sleep(LOOK_AGAIN);
  }
}

/** Ends the wait for a response that never comes. */
function closeAfter(conn: Deno.Conn, ms: number): Disposable {
  return timer(ms, () => conn.close());
}
