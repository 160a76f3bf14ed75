import { readText } from "../../client/rest/fetch_text.ts";
import { formatBasicCredentials } from "../../http/basic_credentials.ts";
import { Fields } from "../../http/fields.ts";
import { Http1Connection } from "../../http1/client/connection.ts";
import { sendHttp1 } from "../../http1/client/send.ts";
import type { Address } from "../../net/address/address.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";

/** The address and the credentials of a proxy. */
export interface ProxyAccess {
  readonly address: Address;
  readonly username: string;
  readonly password: string;
}

/** A response, and how long it took. */
export interface DemoAnswer {
  readonly status: number;
  readonly text: string;
  /** Milliseconds from the first byte sent to the last byte received. */
  readonly duration: number;
}

/**
 * Gets `http://<authority>/` through a proxy.
 *
 * @throws If the proxy is unreachable or does not respond.
 */
export async function getThroughProxy(
  authority: string,
  { address, username, password }: ProxyAccess,
): Promise<DemoAnswer> {
  const conn = await Deno.connect(address);
  const startedAt = performance.now();
  try {
    const response = await sendHttp1(new Http1Connection(conn), {
      kind: "request",
      method: "GET",
      scheme: "http",
      authority,
      path: "/",
      fields: new Fields([
        "Proxy-Authorization",
        formatBasicCredentials({ username, password }),
      ]),
      body: undefined,
    }, {
      id: "demo",
      signal: new AbortController().signal,
      inform() {},
    }, { form: "absolute" });
    const text = response.kind === "response"
      ? await readText(response.body)
      : "";
    return {
      status: response.status,
      text,
      duration: performance.now() - startedAt,
    };
  } finally {
    closeQuietly(conn);
  }
}
