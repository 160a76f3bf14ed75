/**
 * Promise: content that sandboxed plugins change or read passes whole, and the
 * client does not grow with it. `REPLACE_TEST_MB` says how much is changed; 100
 * by default, 500 in the nightly tests.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import type { BrowserProxy } from "../testing/browser.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import {
  type Digest,
  Digester,
  digestOf,
  patternDigest,
} from "../testing/pattern.ts";
import { run, spawn } from "../testing/process.ts";
import { startProgramSystem } from "./programs.ts";

const MEGABYTE = 1_000_000;
const MEBIBYTE = 1024 * 1024;

/** Bytes that a plugin replaces text in. */
const REPLACED = Number(Deno.env.get("REPLACE_TEST_MB") ?? 100) * MEGABYTE;
/** What runs first, so that compilers and buffers have grown. */
const WARM_UP = 32 * MEGABYTE;
/**
 * What the client may grow by while it replaces: what the collectors of two
 * threads leave lying about at full speed.
 */
const MAX_GROWTH = 200 * MEGABYTE;

/** As much as one hook may read, and as all hooks may keep. */
const READ = 64 * MEBIBYTE;
const READERS = 4;

/** Milliseconds for the largest content, on a machine that does much else. */
const LONG = 120_000;

const FOUND = "www.shop.test";
const REPLACEMENT = "staging.shop.test";

Deno.test({
  // Other systems tell the memory of a process in other ways.
  ignore: Deno.build.os !== "linux" || needs("cat", "curl").ignore,
  name:
    "content of any length in which a sandboxed plugin replaces a text reaches curl whole",
  async fn() {
    await using site = startSite(async (exchange) => {
      const blocks = blocksOf(Number(exchange.argument));
      const length = blocks * BLOCK.length;
      await exchange.writeHead(200, [["Content-Length", `${length}`]]);
      for (let at = 0; at < blocks; at += 1) await exchange.write(BLOCK);
    });
    await using config = await tempPlugins({
      "sallyport.json": JSON.stringify({
        plugins: [{
          use: fileURLToPath(
            new URL(
              "../../plugins/cookbook/stream_replace.ts",
              import.meta.url,
            ),
          ),
          options: { find: FOUND, replace: REPLACEMENT },
        }],
      }),
    });
    await using system = await startProgramSystem({
      client: { args: [`--config-file=${config.path("sallyport.json")}`] },
    });
    const { client: { process }, proxy } = system;
    const at = (bytes: number) => `http://127.0.0.1:${site.port}/${bytes}`;

    await getByCurl(proxy, at(WARM_UP));
    const before = await peakOf(process.pid);
    const { digest } = await getByCurl(proxy, at(REPLACED));
    const growth = await peakOf(process.pid) - before;

    assert.deepEqual(digest, replacedDigest(blocksOf(REPLACED)));
    assert.ok(growth < MAX_GROWTH, `${growth / MEGABYTE} MB more`);
  },
});

Deno.test({
  ignore: Deno.build.os !== "linux" || needs("cat", "curl").ignore,
  name:
    "four hooks that read 64 MiB at once wait for each other, or get 503, and cost the client what one costs",
  async fn() {
    await using origin = await startOrigin();
    await using folder = await tempPlugins({
      "read.js": `export default {
        async response(response) { await response.bytes({ limit: ${READ} }); },
      };`,
    });
    await using system = await startProgramSystem({
      client: { args: [`--plugin-dir=${folder.directory}`] },
    });
    const { client: { process }, proxy } = system;
    const url = `${origin.url}/bytes/${READ}`;
    const whole = patternDigest(READ);
    const read = async () => {
      const { digest, status } = await getByCurl(proxy, url);
      return digest.sha256 === whole.sha256 ? `${status} whole` : status;
    };
    const together = () => Promise.all(Array.from({ length: READERS }, read));

    // One after the other: what one reader costs, with what collectors leave.
    for (let at = 0; at < READERS; at += 1) {
      assert.equal(await read(), "200 whole");
    }
    const before = await peakOf(process.pid);
    const waiting = await together();
    // A browser that reads slowly keeps all the room.
    await using slow = new Curl(proxy, "--limit-rate", "100K", url);
    await slow.begun;
    const refused = await together();
    await slow[Symbol.asyncDispose]();
    const later = await read();
    const growth = await peakOf(process.pid) - before;

    const REFUSED = "503 plugin_no_room";
    assert.ok(waiting.includes("200 whole"));
    for (const each of waiting) {
      assert.ok(["200 whole", REFUSED].includes(each));
    }
    assert.deepEqual(refused, Array(READERS).fill(REFUSED));
    assert.equal(later, "200 whole");
    assert.ok(growth < READ, `${growth / MEBIBYTE} MiB more`);
  },
});

/** Between two of them, the end of one and the beginning of the next are a text that is to be found. */
const [BLOCK_START, BLOCK_END] = [FOUND.slice(6), FOUND.slice(0, 6)];
const BETWEEN = Array.from(
  { length: 4_000 },
  (_, at) => at % 100 === 0 ? FOUND : `word ${at}`,
).join(" ");
const BLOCK = bytesOf(BLOCK_START + BETWEEN + BLOCK_END);

function blocksOf(bytes: number): number {
  return Math.ceil(bytes / BLOCK.length);
}

/** What so many blocks become. */
function replacedDigest(blocks: number): Digest {
  const between = BETWEEN.replaceAll(FOUND, REPLACEMENT);
  return digestOf([
    bytesOf(BLOCK_START + between),
    ...Array<Uint8Array>(blocks - 1).fill(bytesOf(REPLACEMENT + between)),
    bytesOf(BLOCK_END),
  ]);
}

/** What curl got. */
interface Got {
  readonly digest: Digest;
  /** Status and, where the proxy itself responds, the reason. */
  readonly status: string;
}

/** A curl whose request goes through the tunnel. */
class Curl implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #begun = Promise.withResolvers<void>();
  readonly got: Promise<Got>;

  constructor({ port, credentials = "" }: BrowserProxy, ...args: string[]) {
    const report = "%{stderr}%{response_code} %header{x-sallyport-error}";
    this.#child = spawn("curl", {
      args: [
        ...["--silent", "--proxy", `http://${credentials}@127.0.0.1:${port}`],
        ...["--write-out", report, ...args],
      ],
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    });
    this.got = this.#read();
  }

  /** Resolves with the first bytes. */
  get begun(): Promise<void> {
    return within(this.#begun.promise, "the first bytes");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.got;
  }

  async #read(): Promise<Got> {
    const said = new Response(this.#child.stderr).text();
    const digester = new Digester();
    for await (const piece of this.#child.stdout) {
      this.#begun.resolve();
      digester.add(piece);
    }
    await this.#child.status;
    // The reason is the first word of what the proxy says.
    const status = (await said).split(" ", 2).join(" ").trim();
    return { digest: digester.digest(), status };
  }
}

async function getByCurl(proxy: BrowserProxy, url: string): Promise<Got> {
  await using child = new Curl(proxy, url);
  return await within(child.got, url, LONG);
}

/** The most memory that a process has had so far, in bytes. By a command: tests may not read `/proc`. */
async function peakOf(pid: number): Promise<number> {
  const { stdout } = await run("cat", [`/proc/${pid}/status`]);
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(stdout) ?? [];
  if (kilobytes === undefined) throw new Error(`No peak in: ${stdout}`);
  return Number(kilobytes) * 1024;
}
