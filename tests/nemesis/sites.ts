/**
 * One site for each tunnel, all under one name and at one port: only the client
 * decides which of them a request reaches.
 *
 * @module
 */
import { contentOf, type Sighting } from "./history.ts";

/** What all browsers call their site. */
export const SITE = "site.test";

/** Pieces of a response: with a pause between them, faults meet it in the middle. */
const PIECE = 16 * 1024;
const PAUSE = 5;
/** How often another port is tried when one is taken at some address. */
const ATTEMPTS = 20;

/** The running sites. */
export interface Sites extends AsyncDisposable {
  readonly port: number;
  /** Requests so far. */
  readonly sightings: readonly Sighting[];
  /** Where the client of a tunnel finds its site. */
  addressOf(tunnel: string): string;
}

/** Starts a site for each tunnel. */
export async function startSites(tunnels: readonly string[]): Promise<Sites> {
  const sightings: Sighting[] = [];
  const addressOf = (tunnel: string) =>
    `127.0.7.${1 + tunnels.indexOf(tunnel)}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await using stack = new AsyncDisposableStack();
    let port = 0;
    try {
      for (const tunnel of tunnels) {
        const server = Deno.serve(
          { hostname: addressOf(tunnel), port, onListen: () => {} },
          (request) => answer(request, tunnel, sightings),
        );
        stack.defer(() => server.shutdown());
        port = server.addr.port;
      }
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) continue;
      throw error;
    }
    const parts = stack.move();
    return {
      port,
      sightings,
      addressOf,
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  }
  throw new Error("Found no port that is free at all addresses");
}

/** `/LENGTH/ID`: content of that length that names tunnel and request. */
async function answer(
  request: Request,
  site: string,
  sightings: Sighting[],
): Promise<Response> {
  const [, length = "0", id = ""] = new URL(request.url).pathname.split("/");
  const { method } = request;
  const at = sightings.push({ site, id, method, text: "" }) - 1;
  let text = "";
  try {
    const decoder = new TextDecoder();
    for await (const piece of request.body ?? []) {
      text += decoder.decode(piece);
    }
  } catch {
    // Cut short: what came is judged.
  }
  sightings[at] = { site, id, method, text };
  const body = `${length}:${contentOf(site, id, Number(length))}`;
  return new Response(slowly(body), {
    headers: { "Content-Length": String(body.length) },
  });
}

function slowly(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue(bytes.subarray(at, at + PIECE));
      at += PIECE;
      if (at >= bytes.length) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    },
  });
}
