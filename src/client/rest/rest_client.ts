/**
 * The REST API as the client uses it: typed calls, checked replies.
 *
 * It uses the client's own connections and not `fetch`. A certificate that is
 * trusted once is then trusted for all, and no environment variable sends the
 * access key through another proxy.
 */
import { type Operation, REST_PATH } from "../../api/operations/operation.ts";
import { z } from "zod";
import type {
  HeartbeatReply,
  HeartbeatRequest,
  ProbedReply,
  UpdatesReply,
} from "../../api/resources/client_messages.ts";
import type {
  JobsReply,
  StoppedReply,
} from "../../api/resources/tunnel_replies.ts";
import type {
  CreatedTunnelReply,
  CreateTunnelRequest,
  TunnelState,
} from "../../api/resources/tunnel_resource.ts";
import {
  getUpdates,
  probeTunnel,
  sendHeartbeat,
} from "../../api/operations/client_operations.ts";
import {
  countJobs,
  createTunnel,
  getTunnel,
  stopTunnel,
} from "../../api/operations/tunnel_operations.ts";
import { formatBasicCredentials } from "../../http/basic_credentials.ts";
import type { HttpLogMode } from "../../log/http_log.ts";
import { fetchText, type TextResponse, withCallLog } from "./fetch_text.ts";
import { RestError, retryAfterOf } from "./rest_error.ts";
import type { Connect } from "../../net/dial/connect.ts";

/** Where the server is, and the user. */
export interface RestClientOptions {
  /** Origin of the server: `https://host:port`. */
  readonly server: string;
  readonly username: string;
  readonly accessKey: string;
  /** This client's version, for the User-Agent field. */
  readonly version: string;
  readonly connect: Connect;
  /** How much of every call is logged. Default: nothing. */
  readonly httpLog?: HttpLogMode;
}

/** An operation of the REST API whose reply has a schema. */
type Answered<Content, Query, Body> = Operation<Content, Query, Body> & {
  readonly reply: { readonly schema: z.ZodType<Content> };
};

interface Call {
  /** Id of the tunnel, for operations on one. */
  readonly id?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** Calls the REST API as one user. Every call throws `RestError` or `DialError`. */
export class RestClient {
  readonly #options: RestClientOptions;

  constructor(options: RestClientOptions) {
    this.#options = options;
  }

  /** Reads messages and settings before a start. */
  updates(
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<UpdatesReply> {
    return this.#call(getUpdates, { query, signal });
  }

  /** Creates a tunnel. */
  create(
    body: CreateTunnelRequest,
    signal: AbortSignal,
  ): Promise<CreatedTunnelReply> {
    return this.#call(createTunnel, { body, signal });
  }

  state(id: string, signal: AbortSignal): Promise<TunnelState> {
    return this.#call(getTunnel, { id, signal });
  }

  /** Begins to stop a tunnel; running jobs finish. */
  stop(
    id: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<StoppedReply> {
    return this.#call(stopTunnel, { id, query: { reason, wait: "1" }, signal });
  }

  /** How many jobs a tunnel is running. */
  jobs(id: string, signal: AbortSignal): Promise<JobsReply> {
    return this.#call(countJobs, { id, signal });
  }

  /** Reports to the server that the client is alive. */
  heartbeat(
    id: string,
    body: HeartbeatRequest,
    signal: AbortSignal,
  ): Promise<HeartbeatReply> {
    return this.#call(sendHeartbeat, { id, body, signal });
  }

  /** Has the server send a request through its proxy and the tunnel. */
  probe(id: string, signal: AbortSignal): Promise<ProbedReply> {
    return this.#call(probeTunnel, { id, signal });
  }

  async #call<Content, Query, Body>(
    { method, path, reply }: Answered<Content, Query, Body>,
    { id = "", query, body, signal }: Call,
  ): Promise<Content> {
    const { server, username, accessKey, version, connect, httpLog } =
      this.#options;
    const search = query ? `?${new URLSearchParams(query)}` : "";
    const user = encodeURIComponent(username);
    const authorization = formatBasicCredentials({
      username,
      password: accessKey,
    });
    const fetch = withCallLog(fetchText, httpLog);
    const response = await fetch({
      origin: server,
      method: method.toUpperCase(),
      path: REST_PATH + path.replace("{user}", user).replace("{id}", id) +
        search,
      fields: [
        ...["Authorization", authorization],
        ...["User-Agent", `sallyport/${version}`],
        ...["Accept", "application/json"],
      ],
      json: body === undefined ? undefined : JSON.stringify(body),
      connect,
      signal,
    });
    return read(response, reply.schema);
  }
}

function read<T>(
  { status, text, fields }: TextResponse,
  schema: z.ZodType<T>,
): T {
  const data = parse(text);
  if (status >= 300) {
    const retryAfter = retryAfterOf(status, fields.get("retry-after"));
    throw new RestError(status, sentenceOf(data, status), { retryAfter });
  }
  const reply = schema.safeParse(data);
  if (reply.success) return reply.data;
  throw new RestError(
    0,
    `no Sallyport server at that address, check --server: ${
      z.prettifyError(reply.error).split("\n")[0]
    }`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const errorShape = z.object({ error: z.string() });

function sentenceOf(data: unknown, status: number): string {
  const reply = errorShape.safeParse(data);
  if (reply.success) return reply.data.error;
  // A gateway responds with 5xx while the server behind it is down.
  if (status >= 500) return `the server responded with status ${status}`;
  return `no Sallyport server at that address, check --server: status ${status}`;
}
