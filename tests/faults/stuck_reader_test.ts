/**
 * Promise: a reader of standard output or standard error that stops, or goes
 * away, holds up neither requests nor the end of a program.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { within } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import { spawn } from "../testing/process.ts";
import { ANY_PORTS, SIGNALS, temporaryDirectory } from "../system/programs.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
/** More than any pipe holds, in requests whose log lines have 4 KB. */
const REQUESTS = 200;
const LONG = "x".repeat(4_000);

/** A server whose output is only read when a test says so. */
interface UnreadServer extends AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly output: ReadableStreamDefaultReader<Uint8Array>;
  /** Sends a request that makes a long log line. */
  request(): Promise<number>;
}

async function startUnread(): Promise<UnreadServer> {
  await using parts = new AsyncDisposableStack();
  const data = parts.use(await temporaryDirectory());
  const child = spawn(Deno.execPath(), {
    args: [
      ...["run", "-q", "-P", "--no-prompt", MAIN, "server", ...ANY_PORTS],
      ...[`--data-dir=${data.path}`, "--log-http=api:url"],
    ],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
  parts.defer(() => ended(child));
  const output = child.stdout.getReader();
  const url = await within(urlIn(output), "the address of the server");
  const client = parts.use(Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(`${data.path}/ca.pem`)],
  }));
  const moved = parts.move();
  return {
    child,
    output,
    request: async () => {
      const answer = await fetch(`${url}healthz?${LONG}`, { client });
      await answer.body?.cancel();
      return answer.status;
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

async function urlIn(
  output: ReadableStreamDefaultReader<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  while (true) {
    const [, url] = / url=(https:\S+)\n/.exec(text) ?? [];
    // The last line of the start: nothing is read after it.
    if (url !== undefined && text.includes("must trust the CA")) return url;
    const { done, value } = await output.read();
    assert(!done, text);
    text += decoder.decode(value, { stream: true });
  }
}

async function ended(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
  await child.status;
  await child.stdout.cancel().catch(() => {});
  await child.stderr.cancel().catch(() => {});
}

Deno.test({
  ...SIGNALS,
  name: "a server whose reader has stopped serves requests, and ends",
  async fn() {
    await using server = await startUnread();

    for (let n = 0; n < REQUESTS; n++) {
      assert.equal(await within(server.request(), "an answer"), 200);
    }
    server.child.kill("SIGTERM");

    const { code } = await within(server.child.status, "the end of the server");
    assert.equal(code, 0);
    server.output.releaseLock();
  },
});

Deno.test({
  ...SIGNALS,
  name: "a server whose reader has gone serves requests, and ends",
  async fn() {
    await using server = await startUnread();
    await server.output.cancel();
    server.output.releaseLock();

    for (let n = 0; n < 20; n++) {
      assert.equal(await within(server.request(), "an answer"), 200);
    }
    server.child.kill("SIGTERM");

    const { code } = await within(server.child.status, "the end of the server");
    assert.equal(code, 0);
  },
});

Deno.test({
  ...needs("sh"),
  name: "an error that nobody reads does not hold up the end",
  async fn() {
    // Standard error is a pipe that is full and never read.
    const child = spawn("sh", {
      args: [
        "-c",
        `{ head -c 70000 /dev/zero >&2 & "$0" run -q -P --no-prompt "$1" run --tunel-name=x; echo "ended with $?"; }`,
        Deno.execPath(),
        MAIN,
      ],
      stdout: "piped",
      stderr: "piped",
    });
    await using _end = { [Symbol.asyncDispose]: () => ended(child) };
    const output = child.stdout.getReader();

    const { value } = await within(output.read(), "the end of the program");

    assert.equal(new TextDecoder().decode(value), "ended with 1\n");
    output.releaseLock();
  },
});
