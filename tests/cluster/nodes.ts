/**
 * Nodes in one process, with real sockets between them, and clients whose
 * sessions they hold.
 *
 * @module
 */
import { textBody } from "../../src/http/bytes_body.ts";
import type {
  Handler,
  PlainRequest,
  PlainResponse,
  ProxyResponse,
} from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { NodeMesh } from "../../src/cluster/node_mesh.ts";
import type {
  NodeListener,
  NodePlaces,
} from "../../src/cluster/node_places.ts";
import { openSession } from "../../src/tunnel/open_session.ts";
import { serveSession } from "../../src/tunnel/serve_session.ts";
import type {
  SessionContext,
  TunnelSession,
} from "../../src/tunnel/session.ts";
import { within } from "../testing/deadline.ts";

/** The id of a tunnel: its number in 32 digits. */
export function idOf(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** A GET, as a browser asks. */
export function get(
  authority: string,
  changes: Partial<PlainRequest> = {},
): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority,
    path: "/",
    fields: new Fields(),
    body: undefined,
    ...changes,
  };
}

/** A response with text. */
export function respondWith(text: string, status = 200): PlainResponse {
  return {
    kind: "response",
    status,
    fields: new Fields(["Content-Type", "text/plain"]),
    body: textBody(text),
  };
}

/** The whole content of a response as text. */
export async function textOf(response: ProxyResponse): Promise<string> {
  if (response.kind === "stream") return "a stream";
  const bytes: number[] = [];
  const buffer = new Uint8Array(16 * 1024);
  for (;;) {
    const count = await response.body?.read(buffer) ?? null;
    if (count === null) return new TextDecoder().decode(new Uint8Array(bytes));
    bytes.push(...buffer.subarray(0, count));
  }
}

/** What surrounds an exchange for a tunnel. */
export function contextOf(
  tunnelId: string,
): SessionContext & { readonly tunnelId: string } {
  const { signal } = new AbortController();
  return { id: "test", signal, tunnelId, inform() {} };
}

/** Nodes that listen on ports of this machine. */
export class Ports implements NodePlaces {
  readonly #ports = new Map<string, number>();

  /** The port of a node. */
  portOf(name: string): number {
    return this.#ports.get(name) ?? 0;
  }

  listen(name: string): NodeListener {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#ports.set(name, listener.addr.port);
    return {
      connections: withoutDelay(listener),
      [Symbol.dispose]: () => {
        this.#ports.delete(name);
        listener.close();
      },
    };
  }

  async dial(name: string): Promise<Deno.TcpConn> {
    const port = this.portOf(name);
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay();
    return conn;
  }

  names(): Promise<readonly string[]> {
    return Promise.resolve([...this.#ports.keys()].toSorted());
  }
}

async function* withoutDelay(
  listener: Deno.TcpListener,
): AsyncGenerator<Deno.TcpConn> {
  for await (const conn of listener) {
    conn.setNoDelay();
    yield conn;
  }
}

/** A node: its links, and the sessions of clients that it holds. */
export class TestNode implements AsyncDisposable {
  readonly name: string;
  readonly mesh: NodeMesh;
  readonly #sessions = new Map<string, TunnelSession[]>();
  readonly #parts = new AsyncDisposableStack();

  constructor(places: NodePlaces, name: string) {
    this.name = name;
    this.mesh = this.#parts.use(
      new NodeMesh({
        ...{ places, name },
        find: (tunnelId) => this.sessionOf(tunnelId),
      }),
    );
  }

  /** The session here for a new exchange. */
  sessionOf(tunnelId: string): TunnelSession | undefined {
    return this.#sessions.get(tunnelId)?.find((each) => each.acceptsExchanges);
  }

  /** Opens a session of a client, by a TCP connection, which answers with `handler`. Returns what cuts it. */
  async connect(tunnelId: string, handler: Handler): Promise<() => void> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const [near, far] = await Promise.all([
      listener.accept(),
      Deno.connect({ hostname: "127.0.0.1", port }),
    ]);
    for (const conn of [near, far]) conn.setNoDelay();
    let answered = 0;
    const client = serveSession(far, {
      handler,
      exchangeId: () => `${this.name}-${answered += 1}`,
    });
    client.done.catch(() => {});
    const session = openSession(near, { id: tunnelId, remote: "client" });
    const list = this.#sessions.get(tunnelId) ?? [];
    this.#sessions.set(tunnelId, [...list, session]);
    this.mesh.presence.hold(tunnelId);
    const forget = () => {
      const rest =
        this.#sessions.get(tunnelId)?.filter((each) => each !== session) ?? [];
      this.#sessions.set(tunnelId, rest);
      if (rest.length === 0) this.mesh.presence.drop(tunnelId);
    };
    session.done.then(forget, forget);
    this.#parts.defer(async () => {
      await session[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    });
    return () => far.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** Nodes that are linked to each other. */
export class TestNodes implements AsyncDisposable {
  readonly all: TestNode[] = [];
  /** Ports of this machine: tests may open no Unix socket, but threads of a program do (`threads.ts`). */
  readonly places = new Ports();

  /** Starts nodes `a`, `b` … and waits for their links. */
  static async start(count: number): Promise<TestNodes> {
    const nodes = new TestNodes();
    for (const name of ["a", "b", "c", "d"].slice(0, count)) nodes.add(name);
    await nodes.linked();
    return nodes;
  }

  /** Starts a further node. */
  add(name: string): TestNode {
    const node = new TestNode(this.places, name);
    this.all.push(node);
    return node;
  }

  /** Waits until each node is linked to all others. */
  async linked(): Promise<void> {
    const whole = this.all.map(({ mesh, name }) =>
      mesh.until(() => mesh.linked.length === this.all.length - 1)
        .then(() => name)
    );
    await within(Promise.all(whole), "the links between all nodes");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((node) => node[Symbol.asyncDispose]()));
  }
}
