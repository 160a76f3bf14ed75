/**
 * The examples for test frameworks, played against a real server: with a site
 * that is up, and with one that is down.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerProgram } from "../system/programs.ts";
import { freePort } from "../testing/free_port.ts";
import { findTool } from "../testing/needs.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { type Exit, run } from "../testing/process.ts";
import { USER } from "../testing/user.ts";

const EXAMPLES = fileURLToPath(
  new URL("../../.github/examples/", import.meta.url),
);

/** Milliseconds for the tests of an example, with the start of its browser. */
const PATIENCE = 240_000;

/** An example that can be played. */
export interface Example {
  /** Its folder in `.github/examples/`. */
  readonly name: string;
  /** The program and the arguments that run its tests. */
  readonly command: readonly [string, ...string[]];
  /** A folder below which its packages are found. */
  readonly below: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An example that was played with its sites down. */
export interface Failed extends Exit {
  /** A copy of its folder. */
  readonly folder: string;
  /** What the client says about the site. */
  readonly sentence: string;
}

/**
 * Plays an example: its tests must pass while its sites are up, and must fail with
 * the client's sentence while they are down.
 */
export async function playExample(
  example: Example,
  server: ServerProgram,
): Promise<Failed> {
  const folder = join(example.below, example.name);
  await copy(join(EXAMPLES, example.name), folder);
  await using shop = await startOrigin();
  await using secure = await startOrigin("https");
  const green = await play(example, server, { folder, shop, secure });
  assert.equal(green.code, 0, green.stdout + green.stderr);
  const port = freePort();
  const down = { port, url: `https://localhost:${port}` };
  const red = await play(example, server, { folder, shop, secure: down });
  const sentence =
    `Cannot connect to "localhost:${port}": nothing listens there`;
  assert.notEqual(red.code, 0, red.stdout + red.stderr);
  assert.ok(
    (red.stdout + red.stderr).includes(sentence),
    red.stdout + red.stderr,
  );
  return { ...red, folder, sentence };
}

async function play(
  { command: [program, ...args], env }: Example,
  server: ServerProgram,
  { folder, shop, secure }: {
    readonly folder: string;
    readonly shop: Pick<Origin, "url">;
    readonly secure: Pick<Origin, "url">;
  },
): Promise<Exit> {
  return await run(program, args, {
    cwd: folder,
    ms: PATIENCE,
    env: {
      CI: "1",
      NO_COLOR: "1",
      FORCE_COLOR: "0",
      LAB_SERVER: server.url,
      LAB_USER: USER.name,
      LAB_CA: server.caFile,
      SALLYPORT_ACCESS_KEY: USER.key,
      CHROMIUM: findTool("chromium") ?? "",
      CHROMEDRIVER: findTool("chromedriver") ?? "",
      SHOP_URL: `${shop.url}/status/200`,
      SECURE_SHOP_URL: `${secure.url}/status/200`,
      ...env,
    },
  });
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(join(from, name), join(to, name));
  }
}
