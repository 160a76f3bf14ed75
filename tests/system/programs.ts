/**
 * Server and client as two processes, as people run them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type BrowserProxy, open, type Opening } from "../testing/browser.ts";
import type { LogEvent } from "../testing/event_log.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { startProgram, type TestProcess } from "../testing/process.ts";
import { CREDENTIALS, TUNNEL, USER } from "../testing/user.ts";

/** For tests that ask a process to stop: on Windows a signal from another process ends it at once. */
export const SIGNALS: { readonly ignore: boolean } = {
  ignore: Deno.build.os === "windows",
};

/** Beginning of every line of the log in text: date and time. */
const TIMESTAMP = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} /gm;

/** What makes a program log events that a test can wait for. `--log-format=text` is stronger. */
const JSON_LOG = { SALLYPORT_LOG_FORMAT: "json" } as const;

/** A server process and where it is. */
export interface ServerProgram extends AsyncDisposable {
  readonly process: TestProcess;
  readonly dataDir: string;
  /** Origin of the REST API. */
  readonly url: string;
  readonly tunnelPort: number;
  readonly proxyPort: number;
  /** Where browsers find their proxy, and the login for the usual tunnel. */
  readonly proxy: BrowserProxy;
  /** What clients must trust. */
  readonly caFile: string;
  /** What browsers must trust where TLS is intercepted. */
  readonly browserCaFile: string;
}

/** Milliseconds that a program may take until it listens, on a machine that does much else. */
const STARTS_WITHIN = 60_000;

/** What may be different. */
export interface ProgramOptions {
  /** Added to the usual ones, and stronger. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads on standard input. Default: nothing. */
  readonly input?: string;
  /** How many files it may have open; needs `sh`. */
  readonly files?: number;
  /** How large its files may become, in blocks of 512 bytes; needs `sh`. */
  readonly fileBlocks?: number;
  /** Whether it goes on when a file gets too large; needs `sh`. */
  readonly survivesFullDisk?: boolean;
  /** The control group of Linux that it runs in; needs `sh`. */
  readonly controlGroup?: string;
}

/** A client process, and where its status API is. */
export interface ClientProgram extends AsyncDisposable {
  readonly process: TestProcess;
  /** `http://127.0.0.1:port/` */
  readonly apiUrl: string;
}

/** An empty directory that is removed in the end. */
export async function temporaryDirectory(): Promise<
  AsyncDisposable & { readonly path: string }
> {
  const path = await Deno.makeTempDir({ prefix: "sallyport-test-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Any port of this machine for all that a server listens on. */
export const ANY_PORTS: readonly string[] = [
  "--address=127.0.0.1:0",
  "--tunnel-address=127.0.0.1:0",
  "--proxy-address=127.0.0.1:0",
];

/** What may be different for a server. */
export interface ServerProgramOptions extends ProgramOptions {
  /** The one of another server that has ended; by default one of its own. */
  readonly dataDir?: string;
}

/** Starts a server that knows {@linkcode USER}; resolves when it listens. */
export async function startServerProgram(
  { args = [], env = {}, ...options }: ServerProgramOptions = {},
): Promise<ServerProgram> {
  await using stack = new AsyncDisposableStack();
  const dataDir = options.dataDir ??
    stack.use(await temporaryDirectory()).path;
  const process = stack.use(
    startProgram(["server", ...ANY_PORTS, `--data-dir=${dataDir}`, ...args], {
      env: {
        ...JSON_LOG,
        SALLYPORT_USERS: `${USER.name}:${USER.key}`,
        ...env,
      },
      files: options.files,
      fileBlocks: options.fileBlocks,
      survivesFullDisk: options.survivesFullDisk,
      controlGroup: options.controlGroup,
    }),
  );
  const page = await process.event("REST API and page", {}, {
    ms: STARTS_WITHIN,
  });
  const tunnel = await process.event("clients connect to");
  const proxy = await process.event("browsers use the proxy");
  const parts = stack.move();
  return {
    process,
    dataDir,
    url: new URL(String(page.fields["url"])).origin,
    tunnelPort: portOf(tunnel),
    proxyPort: portOf(proxy),
    proxy: { port: portOf(proxy), credentials: CREDENTIALS },
    caFile: `${dataDir}/ca.pem`,
    browserCaFile: `${dataDir}/browser-ca.pem`,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function portOf({ fields }: LogEvent): number {
  return Number(/:(\d+)$/.exec(String(fields["address"]))?.[1]);
}

/** The same server once more, after it has ended: its data, its addresses. */
export function startAgain(
  { dataDir, url, tunnelPort, proxyPort }: ServerProgram,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<ServerProgram> {
  return startServerProgram({
    dataDir,
    env,
    args: [
      ...args,
      `--address=127.0.0.1:${new URL(url).port}`,
      `--tunnel-address=127.0.0.1:${tunnelPort}`,
      `--proxy-address=127.0.0.1:${proxyPort}`,
    ],
  });
}

/** Arguments of a client of `server` with the tunnel `lab`, without the access key. */
export function clientArgs(
  { url, caFile }: Pick<ServerProgram, "url" | "caFile">,
): readonly string[] {
  return [
    "run",
    `--server=${url}`,
    `--username=${USER.name}`,
    `--tunnel-name=${TUNNEL}`,
    `--cacert-file=${caFile}`,
    "--tunnel-connections=2",
    "--proxy-localhost=allow",
    "--api-address=127.0.0.1:0",
  ];
}

/** The environment of a client: its access key, and that it logs events. */
export const CLIENT_ENV: Readonly<Record<string, string>> = {
  ...JSON_LOG,
  SALLYPORT_ACCESS_KEY: USER.key,
};

/** Starts a client; resolves when its status API listens, long before it is ready. */
export async function beginClientProgram(
  server: Pick<ServerProgram, "url" | "caFile">,
  { args = [], env = {}, input }: ProgramOptions = {},
): Promise<ClientProgram> {
  await using stack = new AsyncDisposableStack();
  const process = stack.use(
    startProgram([...clientArgs(server), ...args], {
      env: { ...CLIENT_ENV, ...env },
      ...input === undefined ? {} : { input },
    }),
  );
  const { fields } = await process.event(
    "HTTP server listen",
    { protocol: "http" },
    { ms: STARTS_WITHIN },
  );
  const parts = stack.move();
  return {
    process,
    apiUrl: `http://${fields["address"]}/`,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Starts a client; resolves when it says that tests may start and all its sessions are open. */
export async function startClientProgram(
  server: Pick<ServerProgram, "url" | "caFile">,
  options: ProgramOptions = {},
): Promise<ClientProgram> {
  const client = await beginClientProgram(server, options);
  await untilUp(client.process, 2);
  return client;
}

/** Resolves when a client says that tests may start and all its sessions are open. */
export async function untilUp(
  process: TestProcess,
  sessions: number,
): Promise<void> {
  await process.event("Sallyport is up, you may start your tests");
  await process.event("established connection to Sallyport server", {
    active: `${sessions}/${sessions}`,
  });
}

/** Server and client as programs, and a site behind them. */
export interface ProgramSystem extends AsyncDisposable {
  readonly server: ServerProgram;
  readonly client: ClientProgram;
  readonly origin: Origin;
  readonly proxy: BrowserProxy;
}

/** What may be different for either program. */
export interface ProgramSystemOptions {
  readonly server?: ServerProgramOptions;
  readonly client?: ProgramOptions;
}

/** Starts a server, a client and a site; resolves when requests pass. */
export async function startProgramSystem(
  options: ProgramSystemOptions = {},
): Promise<ProgramSystem> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServerProgram(options.server));
  const client = stack.use(await startClientProgram(server, options.client));
  const origin = stack.use(await startOrigin());
  const parts = stack.move();
  return {
    ...{ server, client, origin, proxy: server.proxy },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** A system with a running download. */
export interface BusyPrograms extends ProgramSystem {
  /** It has its first line; the second one comes when the test releases `slow` at the origin. */
  readonly download: Opening;
}

/** Starts a system, and a download that does not end by itself. */
export async function startBusyPrograms(
  options: ProgramSystemOptions = {},
): Promise<BusyPrograms> {
  await using stack = new AsyncDisposableStack();
  const system = stack.use(await startProgramSystem(options));
  const download = stack.use(
    await open(`${system.origin.url}/hold-body/slow`, system.proxy),
  );
  assert.equal(await download.line(), "first\n");
  const parts = stack.move();
  return {
    ...system,
    download,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** The words with which a client says that it waits for its jobs, by default for three hours. */
export function waitingFor(jobs: number): string {
  return `waiting for ${jobs} active job(s) to finish, timeout: 3h0m0s`;
}

/** The number that the server gave the tunnel of a client; waits for it. */
export async function tunnelIdOf({ process }: ClientProgram): Promise<string> {
  return String((await process.event("Sallyport running")).fields["id"]);
}

/** The lines of a log in text without their times. */
export function logLines(text: string): readonly string[] {
  return text.replace(TIMESTAMP, "").trimEnd().split("\n");
}
