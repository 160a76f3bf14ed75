// A tunnel around a run of tests: started once, and found again by the processes
// that the tests run in.
import { readFileSync } from "node:fs";
import process from "node:process";
import type { TunnelProxy } from "../client/program/tunnel.ts";
import { askProxy, sentenceIn } from "./ask_proxy.ts";
import {
  type NodeTunnel,
  type NodeTunnelOptions,
  startNodeTunnel,
} from "./start_tunnel.ts";

/** The proxy with its login: `sallyport run … -- COMMAND` sets it too. */
const PROXY = "SALLYPORT_PROXY";
/** Where the recorded requests are, with a login. */
const RECORDS = "SALLYPORT_HAR_URL";
/** Paths of certificates for the proxy, as JSON. */
const CERTIFICATES = "SALLYPORT_PROXY_CA";

/** Milliseconds for the recorded requests. */
const PATIENCE = 10_000;

/** A failed request of a test. */
export interface JobFailure {
  /** `GET http://a.test/`, or `CONNECT https://a.test/`. */
  readonly request: string;
  /** Why, and what to do. */
  readonly sentence: string;
}

/**
 * Starts a tunnel that records its requests, and tells processes that start from
 * now on where it is.
 *
 * @throws {NodeTunnelError} When options are wrong, or the tunnel cannot be created.
 */
export async function startAroundTests(
  options: NodeTunnelOptions,
): Promise<NodeTunnel> {
  const login = `sallyport:${crypto.randomUUID()}`;
  const tunnel = await startNodeTunnel({
    apiAddress: "127.0.0.1:0",
    apiBasicAuth: login,
    inspector: true,
    ...options,
  });
  process.env[PROXY] = tunnel.url;
  process.env[CERTIFICATES] = JSON.stringify(options.cacertFile ?? []);
  if (tunnel.apiUrl !== undefined) {
    const records = new URL("inspector/export.har", tunnel.apiUrl);
    const own = options.apiBasicAuth ?? login;
    const end = own.indexOf(":");
    records.username = encodeURIComponent(own.slice(0, end));
    records.password = encodeURIComponent(own.slice(end + 1));
    process.env[RECORDS] = records.href;
  }
  return tunnel;
}

/**
 * The tunnel's proxy, from the environment.
 *
 * @throws {Error} When no tunnel runs around this process.
 */
export function proxyAround(): TunnelProxy {
  const url = URL.parse(process.env[PROXY] ?? "");
  if (url === null) {
    throw new Error(
      "Cannot find the tunnel: start it in the setup of the tests, or run them " +
        'with "sallyport run … -- COMMAND"',
    );
  }
  return {
    server: `${url.protocol}//${url.host}`,
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/** The requests of a job as a HAR file; `undefined` when nothing is recorded. */
export async function recordsOf(job: string): Promise<string | undefined> {
  const url = URL.parse(process.env[RECORDS] ?? "");
  if (url === null) return undefined;
  const login = [url.username, url.password].map(decodeURIComponent).join(":");
  url.username = url.password = "";
  url.searchParams.set("job", job);
  try {
    const response = await fetch(url, {
      headers: {
        Authorization: `Basic ${Buffer.from(login).toString("base64")}`,
      },
      signal: AbortSignal.timeout(PATIENCE),
    });
    return response.ok ? await response.text() : undefined;
  } catch {
    // The tunnel has ended. Its own log says why.
    return undefined;
  }
}

/** The failed requests in a HAR file, each once, in order. */
export function failuresIn(har: string | undefined): readonly JobFailure[] {
  if (har === undefined) return [];
  const failed = new Map<string, JobFailure>();
  for (const { request, response } of JSON.parse(har).log.entries) {
    const field = response.headers.find(
      ({ name }: { readonly name: string }) =>
        name.toLowerCase() === "x-sallyport-error",
    );
    const sentence = sentenceIn(field?.value);
    if (sentence === undefined) continue;
    const failure = { request: `${request.method} ${request.url}`, sentence };
    failed.set(`${failure.request} ${sentence}`, failure);
  }
  return [...failed.values()];
}

/**
 * Why the connection to a site failed, in one sentence: as it was recorded, or as
 * the proxy says when it is asked again.
 *
 * @param proxy With the job of the test.
 */
export async function explain(
  url: string,
  { proxy, job }: { readonly proxy: TunnelProxy; readonly job: string },
): Promise<string | undefined> {
  const target = URL.parse(url);
  if (target === null) return undefined;
  const recorded = failuresIn(await recordsOf(job)).find(({ request }) =>
    request.startsWith("CONNECT ") &&
    URL.parse(request.slice("CONNECT ".length))?.hostname === target.hostname
  );
  if (recorded !== undefined) return recorded.sentence;
  const port = target.port ||
    (/^(?:http|ws):$/.test(target.protocol) ? 80 : 443);
  return await askProxy(proxy, `${target.hostname}:${port}`, { ca: trusted() });
}

/** Certificates for the proxy, besides those that Node.js trusts. */
export function trusted(): readonly string[] {
  const paths: unknown = JSON.parse(process.env[CERTIFICATES] ?? "[]");
  return Array.isArray(paths)
    ? paths.map((path) => readFileSync(String(path), "utf8"))
    : [];
}
