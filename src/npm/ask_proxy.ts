// Asks a proxy why it refuses a connection: browsers do not show what it says.
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { TunnelProxy } from "../client/program/tunnel.ts";

/** Milliseconds for the answer. The proxy tries a site for 25 s by default. */
const PATIENCE = 30_000;

/** How the proxy's certificate is checked. */
export interface AskOptions {
  /** Certificates in PEM that are trusted for a proxy that speaks TLS. */
  readonly ca?: readonly string[];
}

/** The field of basic authentication. */
export function proxyLogin({ username, password }: TunnelProxy): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/**
 * Asks for a connection, and ends it.
 *
 * @param target `host:port`.
 * @returns What the proxy says against it; `undefined` when nothing is.
 */
export async function askProxy(
  proxy: TunnelProxy,
  target: string,
  { ca }: AskOptions = {},
): Promise<string | undefined> {
  const { protocol, hostname, port } = new URL(proxy.server);
  const send = protocol === "https:" ? tlsRequest : plainRequest;
  return await new Promise((resolve) => {
    const asked = send({
      method: "CONNECT",
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
      path: target,
      headers: { host: target, "proxy-authorization": proxyLogin(proxy) },
      timeout: PATIENCE,
      ...ca !== undefined && { ca: [...ca] },
    });
    asked.on("connect", (response, socket) => {
      socket.on("error", () => {});
      socket.destroy();
      resolve(sentenceOf(response));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on(
      "error",
      ({ message }) =>
        resolve(`Cannot reach the tunnel's proxy ${proxy.server}: ${message}`),
    );
    asked.end();
  });
}

/** The sentence of a refusal. Its field begins with a word for programs. */
export function sentenceIn(field: string | undefined): string | undefined {
  return field?.replace(/^\w+ /, "");
}

function sentenceOf({ statusCode = 0, headers }: IncomingMessage) {
  const field = headers["x-sallyport-error"];
  const said = sentenceIn([field].flat()[0]);
  if (said !== undefined) return said;
  return statusCode < 300
    ? undefined
    : `The proxy refuses the connection with status ${statusCode}`;
}
