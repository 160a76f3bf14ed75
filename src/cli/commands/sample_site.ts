/**
 * The demo's site behind the firewall: a page, and nothing that the rest of
 * the world could reach by its name.
 *
 * @module
 */
import { opened } from "../../net/listen/listen.ts";

/** A site that is up until it is disposed. */
export interface SampleSite extends AsyncDisposable {
  /** Its name: reserved for tests (RFC 6761 §6.2), so that no name server knows it. */
  readonly hostname: string;
  readonly port: number;
  /** Where the client finds it, and nobody else. */
  readonly ip: string;
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Hello from behind the firewall</title>
<style>
  body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 34rem; padding: 0 1rem; color-scheme: light dark }
</style>
<h1>Hello from behind the firewall</h1>
<p>This page has no public address. You see it because a Sallyport client
dialled out of its network and carried your request back in.</p>
</html>
`;

/** Starts the site on a free port of this machine. */
export function startSampleSite(): SampleSite {
  const address = { hostname: "127.0.0.1", port: 0 };
  const server = opened(
    address,
    () => Deno.serve({ ...address, onListen() {} }, showPage),
  );
  return {
    hostname: "intranet.test",
    port: server.addr.port,
    ip: server.addr.hostname,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function showPage(): Response {
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  return new Response(PAGE, { headers });
}
