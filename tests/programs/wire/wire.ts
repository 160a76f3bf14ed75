/**
 * Two machines in network namespaces, and the wire between them: a server on one
 * side, a client and a site on the other. Needs root, `ip` and Python.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { within } from "../../testing/deadline.ts";
import { spawn, TestProcess } from "../../testing/process.ts";
import { CREDENTIALS, USER } from "../../testing/user.ts";
import { findProgram, installed, program } from "../tools.ts";

/** What the wire does to packets; `tun_wire.py` says what each means. */
export interface WireState {
  readonly loss?: number;
  readonly delay?: number;
  readonly rate?: number;
  readonly queue?: number;
  readonly dead?: boolean;
  readonly nat?: number;
}

/** What one request took. */
export interface Asked {
  /** 0 when there was no response. */
  readonly status: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly took: number;
}

const MAIN = fileURLToPath(new URL("../../../main.ts", import.meta.url));
const SCRIPT = fileURLToPath(new URL("tun_wire.py", import.meta.url));

const NEAR = `sallyport-client-${Deno.pid}`;
const FAR = `sallyport-server-${Deno.pid}`;
const CLIENT_ADDRESS = "10.66.0.1";
const SERVER_ADDRESS = "10.66.0.2";
const PORT = 443;
const TUNNEL_PORT = 444;
const PROXY_PORT = 8080;
const SITE_PORT = 8000;

/** Starts are slow on a machine that does other things too. */
const START = 60_000;
/** After this many seconds a request counts as lost. */
const REQUEST_SECONDS = 60;

/** What a test adds to its definition. */
export function needsWire(): { readonly ignore: boolean } {
  const hasRights = Deno.build.os === "linux" && Deno.uid() === 0 &&
    findProgram("ip") !== undefined;
  if (!hasRights) {
    // deno-lint-ignore no-console -- the reason belongs beside "ignored"
    console.info("Without root on Linux the tests of wires are ignored");
  }
  return {
    ignore: !hasRights || installed("ip", "python3", "curl").ignore,
  };
}

/** The wire with both ends running. */
export class Wire implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncIterator<string>;
  readonly #client: TestProcess;

  private constructor(
    stack: AsyncDisposableStack,
    wire: Pick<Deno.ChildProcess, "stdin">,
    lines: AsyncIterator<string>,
    client: TestProcess,
  ) {
    this.#stack = stack;
    this.#stdin = wire.stdin.getWriter();
    this.#lines = lines;
    this.#client = client;
  }

  /** Starts everything; `folder/site` has what the site serves. */
  static async open(
    folder: string,
    clientArgs: readonly string[] = [],
  ): Promise<Wire> {
    await using stack = new AsyncDisposableStack();
    stack.defer(removeNamespaces);
    const process = stack.use(spawn(program("python3"), {
      args: [SCRIPT, NEAR, FAR],
      stdin: "piped",
      stdout: "piped",
    }));
    const lines = linesOf(process.stdout);
    await within(lines.next(), "the wire");
    const dataDir = `${folder}/data`;
    const server = stack.use(inside(FAR, [
      "server",
      `--address=${SERVER_ADDRESS}:${PORT}`,
      `--tunnel-address=${SERVER_ADDRESS}:${TUNNEL_PORT}`,
      `--proxy-address=127.0.0.1:${PROXY_PORT}`,
      `--external-host=${SERVER_ADDRESS}`,
      `--data-dir=${dataDir}`,
    ], { SALLYPORT_USERS: `${USER.name}:${USER.key}` }));
    await server.event("browsers use the proxy", {}, { ms: START });
    stack.use(
      new TestProcess(program("ip"), [
        ...["netns", "exec", NEAR, program("python3"), "-m", "http.server"],
        ...[
          "--bind",
          "127.0.0.1",
          "--directory",
          `${folder}/site`,
          String(SITE_PORT),
        ],
      ]),
    );
    const client = stack.use(inside(NEAR, [
      "run",
      `--server=https://${SERVER_ADDRESS}:${PORT}`,
      `--username=${USER.name}`,
      "--tunnel-name=lab",
      `--cacert-file=${dataDir}/ca.pem`,
      "--tunnel-connections=2",
      "--proxy-localhost=allow",
      "--api-address=127.0.0.1:0",
      ...clientArgs,
    ], { SALLYPORT_ACCESS_KEY: USER.key }));
    await client.event("Sallyport is up, you may start your tests", {}, {
      ms: START,
    });
    return new Wire(stack.move(), process, lines, client);
  }

  /** All that the client has logged. */
  get clientLog(): string {
    return this.#client.stdout;
  }

  /** Changes what the wire does, from now on. */
  async change(state: WireState): Promise<void> {
    const line = `${JSON.stringify(state)}\n`;
    await this.#stdin.write(new TextEncoder().encode(line));
    await within(this.#lines.next(), "the wire to change");
  }

  /** The machine of the client gets another address. */
  async changeAddress(from: string, to: string): Promise<void> {
    await ip(["-n", NEAR, "addr", "del", `${from}/24`, "dev", "wirea"]);
    await ip(["-n", NEAR, "addr", "add", `${to}/24`, "dev", "wirea"]);
  }

  /** The address of the client at first. */
  get address(): string {
    return CLIENT_ADDRESS;
  }

  /** Both devices take packets of so many bytes at most. */
  async limitPackets(bytes: number): Promise<void> {
    await ip(["-n", NEAR, "link", "set", "wirea", "mtu", String(bytes)]);
    await ip(["-n", FAR, "link", "set", "wireb", "mtu", String(bytes)]);
  }

  /** A browser beside the server asks for a file of the site. */
  async ask(path: string): Promise<Asked> {
    await using curl = new TestProcess(program("ip"), [
      ...["netns", "exec", FAR, program("curl"), "-s", "-o", "/dev/null"],
      ...["--max-time", String(REQUEST_SECONDS)],
      ...["-w", "%{http_code} %{size_download} %{time_total}"],
      ...["-x", `http://127.0.0.1:${PROXY_PORT}`, "-U", CREDENTIALS],
      `http://127.0.0.1:${SITE_PORT}/${path}`,
    ]);
    const { stdout } = await curl.exit(2 * REQUEST_SECONDS * 1000);
    const [status = 0, bytes = 0, seconds = 0] = stdout.split(" ").map(Number);
    return { status, bytes, took: seconds * 1000 };
  }

  /** Asks until the answer is good. @returns How long that took, in milliseconds. */
  async untilGood(path: string): Promise<number> {
    const began = performance.now();
    while ((await this.ask(path)).status !== 200) {
      if (performance.now() - began > 2 * REQUEST_SECONDS * 1000) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return performance.now() - began;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close().catch(() => {});
    await this.#stack.disposeAsync();
  }
}

/** Starts `sallyport` in a namespace. */
function inside(
  namespace: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): TestProcess {
  return new TestProcess(program("ip"), [
    ...["netns", "exec", namespace, Deno.execPath()],
    ...["run", "-q", "-P", "--no-prompt", MAIN, ...args],
  ], { env: { NO_COLOR: "1", ...env } });
}

async function removeNamespaces(): Promise<void> {
  for (const namespace of [NEAR, FAR]) await ip(["netns", "del", namespace]);
}

async function ip(args: readonly string[]): Promise<void> {
  await using process = new TestProcess(program("ip"), args);
  await process.exit();
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}
