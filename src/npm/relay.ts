// A proxy on this machine that logs in to the tunnel's proxy, for browsers that
// send no credentials to proxies: those of WebDriver.
import {
  createServer,
  type IncomingMessage,
  request as plainRequest,
  type ServerResponse,
} from "node:http";
import { request as tlsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type TunnelProxy, withJob } from "../client/program/tunnel.ts";
import type { JobFailure } from "./around_tests.ts";
import { type AskOptions, proxyLogin, sentenceIn } from "./ask_proxy.ts";

/** Failures of one job that are kept. More say nothing new about a test. */
const MAX_FAILURES = 100;

/** Connections at once. A browser opens some hundred at most. */
const MAX_CONNECTIONS = 1_000;

/** Fields between a browser and its proxy. */
const HOP_BY_HOP = ["proxy-authorization", "proxy-connection", "connection"];

/** A local proxy. It serves everybody on this machine, until it is disposed. */
export interface Relay extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** What has failed since the job was set, each once. */
  readonly failures: readonly JobFailure[];
  /** From now on requests belong to this job. Connections of the last one are closed. */
  setJob(job: string): void;
}

/** Starts a relay to the proxy of a tunnel. */
export async function startRelay(
  proxy: TunnelProxy,
  options: AskOptions = {},
): Promise<Relay> {
  const relay = new LocalRelay(proxy, options);
  await relay.listen();
  return relay;
}

class LocalRelay implements Relay {
  readonly #proxy: TunnelProxy;
  readonly #options: AskOptions;
  readonly #failures = new Map<string, JobFailure>();
  readonly #open = new Set<Duplex>();
  readonly #server = createServer();
  #login: string;

  constructor(proxy: TunnelProxy, options: AskOptions) {
    this.#proxy = proxy;
    this.#options = options;
    this.#login = proxyLogin(proxy);
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on("connection", (socket) => this.#keep(socket));
    this.#server.on(
      "request",
      (request, response) => this.#forward(request, response),
    );
    this.#server.on(
      "connect",
      (request, socket, head) => this.#connect(request, socket, head),
    );
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  get failures(): readonly JobFailure[] {
    return [...this.#failures.values()];
  }

  setJob(job: string): void {
    this.#login = proxyLogin(withJob(this.#proxy, job));
    this.#failures.clear();
    for (const socket of this.#open) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #keep(socket: Duplex): void {
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => {});
  }

  /** Begins a request to the tunnel's proxy. */
  #send(method: string, target: string, headers: IncomingMessage["headers"]) {
    const { protocol, hostname, port } = new URL(this.#proxy.server);
    const isTls = protocol === "https:";
    const { ca } = this.#options;
    return (isTls ? tlsRequest : plainRequest)({
      method,
      path: target,
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (isTls ? 443 : 80) : Number(port),
      headers: { ...headers, "proxy-authorization": this.#login },
      ...ca !== undefined && { ca: [...ca] },
    });
  }

  #connect(
    { url: target = "", headers }: IncomingMessage,
    browser: Duplex,
    head: Uint8Array,
  ): void {
    const asked = this.#send("CONNECT", target, {
      host: headers.host ?? target,
    });
    browser.on("close", () => asked.destroy());
    asked.on("connect", (response, site, first) => {
      const { statusCode: status = 502 } = response;
      if (status >= 300) {
        site.destroy();
        this.#note(`CONNECT https://${target}/`, response);
        return refuse(browser, status, response);
      }
      this.#keep(site);
      browser.write("HTTP/1.1 200 Connection established\r\n\r\n");
      browser.write(first);
      site.write(head);
      site.pipe(browser).pipe(site);
      site.on("close", () => browser.destroy());
      browser.on("close", () => site.destroy());
    });
    asked.on("error", () => refuse(browser, 502));
    asked.end();
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const { method = "GET", url = "", headers } = request;
    const kept = Object.fromEntries(
      Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
    );
    const asked = this.#send(method, url, kept);
    response.on("close", () => asked.destroy());
    asked.on("response", (answer) => {
      this.#note(`${method} ${url}`, answer);
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    asked.on("error", () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    request.pipe(asked);
  }

  #note(request: string, { headers }: IncomingMessage): void {
    const sentence = sentenceIn([headers["x-sallyport-error"]].flat()[0]);
    if (sentence === undefined || this.#failures.size >= MAX_FAILURES) return;
    this.#failures.set(`${request} ${sentence}`, { request, sentence });
  }
}

function refuse(
  browser: Duplex,
  status: number,
  { statusMessage = "Bad Gateway" }: Partial<IncomingMessage> = {},
): void {
  browser.end(
    `HTTP/1.1 ${status} ${statusMessage}\r\n` +
      "Content-Length: 0\r\nConnection: close\r\n\r\n",
  );
}
