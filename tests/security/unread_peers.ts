/**
 * Peers that do not read, and what that costs the server and the client.
 *
 * @module
 */
import assert from "node:assert/strict";
import type {
  ByteReader,
  ByteWriter,
} from "../../src/net/stream/byte_stream.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import { startClientProgram, startServerProgram } from "../system/programs.ts";
import { ByteScanner, bytesOf } from "../testing/byte_scanner.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { PATIENCE, within } from "../testing/deadline.ts";
import { run } from "../testing/process.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { isOverTls, type Kind, openBrowser } from "./unread_browser.ts";

const MEGABYTE = 1_000_000;
/** What a peer tries to send; without brakes a process takes all of it. */
const TOTAL = 200 * MEGABYTE;
/** What is carried first, so that compilers and buffers have grown. */
const WARM_UP = 16 * MEGABYTE;
const MAX_GROWTH = 50 * MEGABYTE;
/** A write that nobody takes for so long is held up for good. */
const HELD_UP = 3_000;
const PIECE: Uint8Array = new Uint8Array(64 * 1024);

/** Which side does not read: the site, or the browser. */
export type Direction = "upload" | "download";
/** Both. */
export const DIRECTIONS: readonly Direction[] = ["upload", "download"];

/**
 * Sends 200 MB to a peer that does not read, and measures.
 *
 * @param args Of the client.
 * @throws {AssertionError} When a process has grown by 50 MB.
 */
export async function holdsLittle(
  kind: Kind,
  direction: Direction,
  args: readonly string[] = [],
): Promise<void> {
  await using site = await startSite(isOverTls(kind));
  await using server = await startServerProgram();
  await using client = await startClientProgram(server, { args });
  const { proxyPort } = server;
  const route = { proxyPort, site: `localhost:${site.port}`, kind };
  const ca = await Deno.readTextFile(server.browserCaFile);
  const pids = [server.process.pid, client.process.pid];
  {
    using first = await openBrowser(route, ca);
    const upload = await first.ask("/take", WARM_UP);
    assert.equal(await send(upload, WARM_UP, PATIENCE), WARM_UP);
    await readFrom(upload, 1);
    using second = await openBrowser(route, ca);
    await readFrom(await second.ask(`/give/${WARM_UP}`), WARM_UP);
  }
  const before = await Promise.all(pids.map(memoryOf));

  using browser = await openBrowser(route, ca);
  const sent = direction === "upload"
    ? await send(await browser.ask("/stuck", TOTAL), TOTAL)
    : (await browser.ask(`/give/${TOTAL}`),
      browser.stopReading(),
      await site.given());

  const after = await Promise.all(pids.map(memoryOf));
  const growth = after.map((bytes, at) => bytes - (before[at] ?? 0));
  const told = `${kind} ${direction}: ${megabytes(sent)} MB were taken, ` +
    `server and client grew by ${growth.map(megabytes)} MB`;
  // deno-lint-ignore no-console -- the figures are part of the result
  console.log(told);
  assert.ok(sent < TOTAL, told);
  assert.ok(growth.every((bytes) => bytes < MAX_GROWTH), told);
}

/** Sends `total` bytes; resolves early when nobody takes them. */
async function send(
  to: ByteWriter,
  total: number,
  patience = HELD_UP,
): Promise<number> {
  let sent = 0;
  while (sent < total) {
    const piece = PIECE.subarray(0, total - sent);
    const writing = writeAll(to, piece);
    writing.catch(() => {});
    try {
      await within(writing, "a write", patience);
    } catch {
      return sent;
    }
    sent += piece.length;
  }
  return sent;
}

async function startSite(isSecure: boolean) {
  const authority = await createTestAuthority();
  const given = Promise.withResolvers<number>();
  const end = Promise.withResolvers<void>();
  const server = new TcpServer(async (conn) => {
    const scanner = new ByteScanner(conn);
    const head = await scanner.readThrough("\r\n\r\n") ?? "";
    const [, path = "", size = "0"] = /^\S+ (\/[a-z]+)\/?(\d*)/.exec(head) ??
      [];
    const isSocket = /^upgrade:/im.test(head);
    if (isSocket) {
      await writeAll(
        conn,
        bytesOf(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        ),
      );
    }
    if (path === "/stuck") return await end.promise;
    if (path === "/give") {
      if (!isSocket) {
        await writeAll(
          conn,
          bytesOf(
            `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`,
          ),
        );
      }
      const sent = await send(conn, Number(size));
      if (Number(size) === TOTAL) given.resolve(sent);
      return await end.promise;
    }
    const into = new Uint8Array(64 * 1024);
    let left = WARM_UP;
    while (left > 0) left -= await scanner.read(into) ?? left;
    await writeAll(
      conn,
      bytesOf(
        isSocket
          ? "!"
          : "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n!",
      ),
    );
    await end.promise;
  }, isSecure ? { tls: await authority.issue(["localhost"]) } : {});
  return {
    port: server.port,
    given: () => given.promise,
    async [Symbol.asyncDispose]() {
      end.resolve();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function readFrom(from: ByteReader, total: number): Promise<void> {
  const into = new Uint8Array(64 * 1024);
  for (let left = total; left > 0;) {
    const count = await within(from.read(into), "content");
    assert.ok(count !== null, `${left} bytes are missing`);
    left -= count;
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / MEGABYTE);
}

/** What a process has in memory, in bytes. By a command: tests may not read `/proc`. */
async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await run("cat", [`/proc/${pid}/status`]);
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(stdout) ?? [];
  if (kilobytes === undefined) throw new Error(`No memory in: ${stdout}`);
  return Number(kilobytes) * 1024;
}
