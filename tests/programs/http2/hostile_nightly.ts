/**
 * Go's HTTP/2 framer as a hostile peer of every port that speaks HTTP/2, in both
 * roles. RFC 9113 says what it hears; nobody else notices it.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ProgramSystem,
  startProgramSystem,
  temporaryDirectory,
} from "../../system/programs.ts";
import { BrowserConnection, get } from "../../testing/browser.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { run } from "../../testing/process.ts";
import { CREDENTIALS, USER } from "../../testing/user.ts";
import { installed, program } from "../tools.ts";

const SOURCE = fileURLToPath(new URL(".", import.meta.url));
/** It may have to fetch a module, and compiles the standard library where nobody has. */
const BUILD_TIMEOUT = 300_000;
/** Every misdeed takes well under a second, but a flood. */
const PLAY_TIMEOUT = 300_000;
/** Between two requests of those who do nothing wrong, in milliseconds. */
const PACE = 100;

/** What the hostile peer says about one of its misdeeds; `hostile.go` has the words. */
interface Verdict {
  readonly name: string;
  readonly rule: string;
  readonly want: string;
  readonly got: string;
  readonly browser: string;
}

/** Port → what it is told by whom, and at least how often. */
const SURFACES = [
  ["rest", "a client of the REST API", 70],
  ["browser", "a browser inside decrypted TLS", 70],
  ["tunnel", "a client of the tunnel server", 65],
  ["site", "a site behind decrypted TLS", 65],
] as const;

for (const [surface, who, least] of SURFACES) {
  Deno.test({
    ...installed("go"),
    name: `${who} that breaks the rules of HTTP/2 hears so, and nobody else`,
    async fn() {
      await using folder = await temporaryDirectory();
      const authority = await createTestAuthority();
      const { cert, key } = await authority.issue(["localhost"]);
      const trusted = join(folder.path, "site-ca.pem");
      await Deno.writeTextFile(trusted, authority.ca);
      await using system = await startProgramSystem({
        client: {
          args: ["--tls-resign-domains=all", `--cacert-file=${trusted}`],
        },
      });
      const { server } = system;
      const hostile = join(folder.path, "hostile");
      await build(hostile);
      await using others = await Others.begin(system);

      const { code, stdout, stderr } = await run(hostile, [surface], {
        ms: PLAY_TIMEOUT,
        input: JSON.stringify({
          rest: server.url.replace("127.0.0.1", "localhost"),
          tunnel: `127.0.0.1:${server.tunnelPort}`,
          proxy: `127.0.0.1:${server.proxyPort}`,
          login: CREDENTIALS,
          user: USER.name,
          key: USER.key,
          ca: await Deno.readTextFile(server.caFile),
          siteCert: cert,
          siteKey: key,
        }),
      });

      assert.equal(code, 0, stdout + stderr);
      const verdicts = stdout.trim().split("\n").map((line) =>
        JSON.parse(line) as Verdict
      );
      assert.deepEqual(verdicts.flatMap(complaintsAbout), []);
      assert.ok(verdicts.length >= least, `${verdicts.length} misdeeds`);
      await others.checked();
      for (const { process } of [server, system.client]) {
        assert.doesNotMatch(process.stdout + process.stderr, /internal error/);
      }
    },
  });
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
  readonly #system: ProgramSystem;
  readonly #held: BrowserConnection;
  readonly #asking: Promise<readonly number[]>;
  #isOver = false;

  private constructor(system: ProgramSystem, held: BrowserConnection) {
    this.#system = system;
    this.#held = held;
    this.#asking = this.#ask();
  }

  static async begin(system: ProgramSystem): Promise<Others> {
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
