/**
 * rathole with the Noise protocol, a connection for each stream, written in
 * Rust.
 *
 * @module
 */
import type { Peer } from "../peer.ts";
import { outputOf, requireProgram } from "../tools.ts";

/** A port forwarded back to the origin. */
export const RATHOLE: Peer = {
  name: "rathole",
  about: "rathole: straight to the origin, Noise",
  programs: ["rathole"],
  async version() {
    // The time of its build stands before it.
    const text = await outputOf("rathole", ["--version"]);
    return /Build Version: +(\S+)/.exec(text)?.[1] ?? "of unknown version";
  },
  async start(place) {
    const program = requireProgram("rathole");
    const keys = await newKeys();
    const serverPort = place.freePort();
    const port = place.freePort();
    const server = place.spawn(program, [
      "--server",
      await place.write(
        "server.toml",
        `[server]
bind_addr = "127.0.0.1:${serverPort}"
default_token = "bench"
[server.transport]
type = "noise"
[server.transport.noise]
local_private_key = "${keys.secret}"
[server.services.bench]
bind_addr = "127.0.0.1:${port}"
`,
      ),
    ]);
    await place.untilOpen(serverPort);
    const host = await place.wire(serverPort);
    const client = place.spawn(program, [
      "--client",
      await place.write(
        "client.toml",
        `[client]
remote_addr = "${host}:${serverPort}"
default_token = "bench"
[client.transport]
type = "noise"
[client.transport.noise]
remote_public_key = "${keys.open}"
[client.services.bench]
local_addr = "${place.origin}"
`,
      ),
    ]);
    const stream = place.route(port, "direct");
    await place.untilReady(stream);
    return {
      stream,
      plain: undefined,
      server: [server.pid],
      client: [client.pid],
    };
  },
};

/** A key pair for the server, in Base64. */
async function newKeys(): Promise<{ secret: string; open: string }> {
  const text = await outputOf("rathole", ["--genkey"]);
  const [secret, open] = text.match(/^[\w+/]{43}=$/gm) ?? [];
  if (secret === undefined || open === undefined) {
    throw new Error("Cannot start rathole: it prints no keys");
  }
  return { secret, open };
}
