/**
 * Go's HTTP/2 framer as a hostile peer of every port that speaks HTTP/2, in both
 * roles. RFC 9113 says what it hears; nobody else notices it.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  beginClientProgram,
  type ProgramSystem,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "../../system/programs.ts";
import { BrowserConnection, get } from "../../testing/browser.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";
import { freePort, untilTaken } from "../../testing/free_port.ts";
import { startOrigin } from "../../testing/origin.ts";
import { run, TestProcess } from "../../testing/process.ts";
import { CREDENTIALS, USER } from "../../testing/user.ts";
import { installed, program } from "../tools.ts";

const SOURCE = fileURLToPath(new URL(".", import.meta.url));
/** It may have to fetch a module, and compiles the standard library where nobody has. */
const BUILD_TIMEOUT = 300_000;
/** Every misdeed takes well under a second, but a flood. */
const PLAY_TIMEOUT = 300_000;
/** Between two requests of those who do nothing wrong, in milliseconds. */
const PACE = 100;

/** Those who do nothing wrong. */
type System = Omit<ProgramSystem, keyof AsyncDisposable>;

/** What the hostile peer says about one of its misdeeds; `hostile.go` has the words. */
interface Verdict {
  readonly name: string;
  readonly rule: string;
  readonly want: string;
  readonly got: string;
  readonly browser: string;
}

/** Who is hostile to whom, in Go's words; what that is; at least how many misdeeds there are. */
const SURFACES = [
  ["rest", "a client of the REST API", 70],
  ["browser", "a browser inside decrypted TLS", 70],
  ["client", "a tunnel server", 70],
  ["tunnel", "a client of the tunnel server", 65],
  ["site", "a site behind decrypted TLS", 65],
] as const;

for (const [surface, who, least] of SURFACES) {
  Deno.test({
    ...installed("go"),
    name: `${who} that breaks the rules of HTTP/2 hears so, and nobody else`,
    async fn() {
      await using folder = await temporaryDirectory();
      await build(join(folder.path, "hostile"));
      await using scene = await setScene(surface, folder.path);
      const { system, hostile } = scene;
      await using others = await Others.begin(system);

      await hostile.waitFor(/^done$/m, { ms: PLAY_TIMEOUT });

      const verdicts = hostile.stdout.trim().split("\n").slice(0, -1)
        .map((line) => JSON.parse(line) as Verdict);
      assert.deepEqual(verdicts.flatMap(complaintsAbout), []);
      assert.ok(verdicts.length >= least, `${verdicts.length} misdeeds`);
      await others.checked();
      for (const { process } of [system.server, system.client]) {
        assert.doesNotMatch(process.stdout + process.stderr, /internal error/);
      }
    },
  });
}

/** Server, client and site, and a hostile peer that plays. */
async function setScene(
  surface: string,
  folder: string,
): Promise<
  AsyncDisposable & {
    readonly system: System;
    readonly hostile: TestProcess;
  }
> {
  await using stack = new AsyncDisposableStack();
  const authority = await createTestAuthority();
  const { cert, key } = await authority.issue(["localhost", "127.0.0.1"]);
  const trusted = join(folder, "site-ca.pem");
  await Deno.writeTextFile(trusted, authority.ca);
  const server = stack.use(await startServerProgram());
  const midway = freePort();
  const input = JSON.stringify({
    rest: server.url.replace("127.0.0.1", "localhost"),
    tunnel: `127.0.0.1:${server.tunnelPort}`,
    proxy: `127.0.0.1:${server.proxyPort}`,
    login: CREDENTIALS,
    user: USER.name,
    key: USER.key,
    // The program meets the server, and hosts whose TLS it decrypts.
    ca: await Deno.readTextFile(server.caFile) +
      await Deno.readTextFile(server.browserCaFile),
    siteCert: cert,
    siteKey: key,
    listen: `127.0.0.1:${midway}`,
  });
  const begin = () =>
    stack.use(new TestProcess(join(folder, "hostile"), [surface], { input }));
  const args = ["--tls-resign-domains=all", `--cacert-file=${trusted}`];
  const origin = stack.use(await startOrigin());
  if (surface !== "client") {
    const client = stack.use(await startClientProgram(server, { args }));
    const system = { server, client, origin, proxy: server.proxy };
    const hostile = begin();
    return { system, hostile, ...disposing(stack.move()) };
  }
  const hostile = begin();
  await within(untilTaken(midway), "the hostile peer to listen");
  const client = stack.use(
    await beginClientProgram(server, {
      args: [
        ...args,
        `--proxy-server=http://127.0.0.1:${midway}`,
        // Two of these are good.
        "--tunnel-connections=8",
      ],
    }),
  );
  await client.process.event("Sallyport is up, you may start your tests");
  const system = { server, client, origin, proxy: server.proxy };
  return { system, hostile, ...disposing(stack.move()) };
}

function disposing(stack: AsyncDisposableStack): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function build(binary: string): Promise<void> {
  const { code, stderr } = await run(
    program("go"),
    ["build", "-mod=readonly", "-o", binary, "."],
    { ms: BUILD_TIMEOUT, cwd: SOURCE },
  );
  assert.equal(code, 0, stderr);
}

/**
 * What is wrong with a verdict. A browser whose response was spoilt has an error
 * page or a response that is cut short: a whole one only if it had ended before.
 */
function complaintsAbout(
  { name, rule, want, got, browser }: Verdict,
): readonly string[] {
  const complaints: string[] = [];
  if (!want.split("|").includes(got)) {
    complaints.push(`${name} (${rule}): ${got}, not ${want}`);
  }
  if (!/^(?:|502|503|204|200, cut)$/.test(browser)) {
    complaints.push(`${name} (${rule}): the browser got ${browser}`);
  }
  return complaints;
}

/** People whose tunnel has nothing to do with it: one asks again and again, one has a connection open. */
class Others implements AsyncDisposable {
  readonly #system: System;
  readonly #held: BrowserConnection;
  readonly #asking: Promise<readonly number[]>;
  #isOver = false;

  private constructor(system: System, held: BrowserConnection) {
    this.#system = system;
    this.#held = held;
    this.#asking = this.#ask();
  }

  static async begin(system: System): Promise<Others> {
    const held = await BrowserConnection.open(system.proxy, {
      site: system.origin,
      hostname: "127.0.0.1",
      way: "connect",
    });
    return new Others(system, held);
  }

  /** Both got all that they wanted. */
  async checked(): Promise<void> {
    this.#isOver = true;
    const statuses = await this.#asking;
    assert.ok(statuses.length > 0);
    assert.deepEqual([...new Set(statuses)], [200]);
    const { status } = await this.#held.exchange("GET", "/bytes/5");
    assert.equal(status, 200);
  }

  async #ask(): Promise<readonly number[]> {
    const { origin, proxy } = this.#system;
    const statuses: number[] = [];
    while (!this.#isOver) {
      const { status } = await get(`${origin.url}/bytes/5`, proxy);
      statuses.push(status);
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
    return statuses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#held[Symbol.dispose]();
    await this.#asking.catch(() => {});
  }
}
