/**
 * People who use a system for hours. Each does one thing again and again, and
 * throws when it is not as it should be.
 *
 * @module
 */
import assert from "node:assert/strict";
import { pick } from "../../fuzz/target.ts";
import type { Random } from "../../http2/hpack/random.ts";
import type { TempPlugins } from "../../plugin/temp_plugins.ts";
import {
  beginClientProgram,
  type ClientProgram,
  type ServerProgram,
  untilUp,
} from "../../system/programs.ts";
import { callRest } from "../../system/rest_calls.ts";
import { BrowserConnection, get, openTls } from "../../testing/browser.ts";
import { LightClient } from "../../testing/light_client.ts";
import type { Origin } from "../../testing/origin.ts";
import { credentialsFor, USER } from "../../testing/user.ts";
import {
  OPCODE,
  readFrame,
  sendFrame,
  WEBSOCKET_FIELDS,
} from "../../testing/websocket_client.ts";

/** What the users have before them. */
export interface Place {
  readonly server: ServerProgram;
  /** Its tunnel is the usual one; it has plugins and the inspector. */
  readonly client: ClientProgram;
  readonly plain: Origin;
  /** Its name is localhost, and the server decrypts its TLS. */
  readonly secure: Origin;
  readonly plugins: TempPlugins;
  readonly random: Random;
}

/** Field that the plugin adds to each response. */
const MARK = "X-Plugin-Version";
/** Content of uploads and downloads, in bytes. */
const SIZES = [0, 5, 1_000, 70_000, 1_000_000] as const;
/** How long the newest version of a plugin may take to be in use, in milliseconds. */
const RELOAD = 30_000;

/** A plugin that marks every response. */
export function pluginOf(version: number): string {
  return `export default {
    response({ headers }) {
      headers.set("${MARK}", "${version}");
    },
  };`;
}

/** Downloads or uploads something. */
export async function browse(
  { server, plain, random }: Place,
): Promise<void> {
  using browser = await BrowserConnection.open(server.proxy, {
    ...{ site: plain, hostname: "127.0.0.1" },
    way: pick(random, ["plain", "connect"]),
  });
  const size = pick(random, SIZES);
  const route = pick(random, ["bytes", "chunked", "digest"]);
  if (route === "digest") {
    const content = new Uint8Array(size);
    const answer = await browser.exchange("POST", "/digest", { content });
    assert.equal(JSON.parse(await answer.text()).bytes, size);
    return;
  }
  const answer = await browser.exchange("GET", `/${route}/${size}`);
  assert.equal(answer.status, 200, answer.error);
  assert.equal((await answer.text()).length, size);
}

/** Visits a site whose TLS is decrypted. */
export async function visit({ server, secure }: Place): Promise<void> {
  using tls = await openTls(server.proxy, {
    site: secure,
    hostname: "localhost",
    ca: await Deno.readTextFile(server.browserCaFile),
  });
  const host = `localhost:${secure.port}`;
  await tls.send(
    `GET /bytes/5 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(await tls.readHead(), /^HTTP\/1\.1 200 /);
}

/** Says something over a WebSocket, and hears it. */
export async function chat({ server, plain }: Place): Promise<void> {
  using browser = await BrowserConnection.open(server.proxy, {
    ...{ site: plain, hostname: "127.0.0.1" },
  });
  const { status } = await browser.exchange("GET", "/ws", {
    fields: WEBSOCKET_FIELDS,
  });
  assert.equal(status, 101);
  for (const word of ["one", "two", "three"]) {
    const payload = new TextEncoder().encode(word);
    await sendFrame(browser.raw, { opcode: OPCODE.text, payload });
    const { payload: echo } = await readFrame(browser.raw);
    assert.equal(new TextDecoder().decode(echo), word);
  }
}

let tunnels = 0;

/** Starts a tunnel, uses it, and ends it in one of the ways. */
export async function comeAndGo({ server, random }: Place): Promise<void> {
  const name = `guest-${tunnels++}`;
  await using client = await LightClient.start(server, {
    user: USER,
    tunnel: { tunnel_identifier: name },
  });
  const proxy = { ...server.proxy, credentials: credentialsFor(name) };
  const { status, text } = await get("http://who.test/", proxy);
  assert.deepEqual([status, text], [200, client.tunnel.id]);
  // Gone without a word, or stopped by somebody else.
  if (random(2) === 0) await client[Symbol.asyncDispose]();
  const { id } = client.tunnel;
  const ended = await callRest(server, {
    method: "DELETE",
    path: `/${id}?wait=0`,
  });
  assert.equal(ended.status, 200, ended.text);
}

/** Starts a client as a program, uses it, and ends it. */
export async function start({ server, plain }: Place): Promise<void> {
  await using guest = await beginClientProgram(server, {
    args: ["--tunnel-name=guest"],
  });
  await untilUp(guest.process, 2);
  const proxy = { ...server.proxy, credentials: credentialsFor("guest") };
  const { status } = await get(`${plain.url}/bytes/5`, proxy);
  assert.equal(status, 200);
  guest.process.signal("SIGTERM");
  const { code, stdout } = await guest.process.exit();
  assert.equal(code, 0, stdout);
}

let version = 1;

/** Saves the plugin again, and sees the new one at work. */
export async function edit({ server, plain, plugins }: Place): Promise<void> {
  const mine = `${++version}`;
  await plugins.write("mark.js", pluginOf(version));
  const end = Date.now() + RELOAD;
  for (;;) {
    const seen = (await get(`${plain.url}/bytes/5`, server.proxy)).get(MARK);
    if (seen === mine) return;
    assert.ok(Date.now() < end, `version ${seen} of the plugin, not ${mine}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Looks at the inspector, live, until it has said something; now and then at all of it. */
export async function inspect({ client, random }: Place): Promise<void> {
  const url = `${client.apiUrl}inspector`;
  const live = await fetch(`${url}/events`);
  assert.equal(live.status, 200);
  let left = 20;
  for await (const _piece of live.body ?? []) {
    if (--left === 0) break;
  }
  const path = random(10) === 0 ? "/export.har" : "";
  const page = await fetch(url + path);
  assert.equal(page.status, 200);
  await page.arrayBuffer();
}
