/**
 * The folder in which the nodes of one server find each other: each has a socket
 * there, with its name. Who can open a socket is taken for a node, so the folder
 * belongs to this user alone.
 */
import { join } from "node:path";
import { SYSTEM } from "../platform/system.ts";
import { systemReason } from "../log/system_reason.ts";
import { listenSocket } from "../net/listen/listen_socket.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import type { NodeListener, NodePlaces } from "./node_places.ts";

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;
const SUFFIX = ".sock";
/** Names of nodes: 1 to 32 lower-case letters, digits or `-`. */
const NAME = /^[a-z0-9-]{1,32}$/;
/** Bytes that a system has for the path of a socket: 103 on macOS, 107 on Linux. */
const MAX_PATH = 103;

/** The folder of the nodes cannot be used; the message says why and what to do. */
export class NodeFolderError extends Error {
  override readonly name = "NodeFolderError";
}

/** The Unix sockets of all nodes on one machine. */
export class NodeFolder implements NodePlaces {
  readonly #path: string;

  /** Makes the folder if it is missing. @throws {NodeFolderError} When others could open it, or it cannot be made. */
  constructor(path: string) {
    this.#path = path;
    try {
      Deno.mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
      const { isDirectory, mode } = Deno.lstatSync(path);
      if (!isDirectory) throw new TypeError("it is a link or a file");
      if (SYSTEM.hasFileModes && ((mode ?? 0) & OTHERS) !== 0) {
        throw new TypeError("others can open it, set its mode to 700");
      }
    } catch (cause) {
      throw new NodeFolderError(
        `Cannot use the folder of the nodes "${path}": ${systemReason(cause)}`,
        { cause },
      );
    }
  }

  /** Path of a node's socket. @throws {NodeFolderError} When the name is not one of a node, or the path is too long. */
  socketOf(name: string): string {
    if (!NAME.test(name)) {
      throw new NodeFolderError(
        `Cannot name a node "${name}": a name has 1 to 32 lower-case letters, digits or -`,
      );
    }
    const path = join(this.#path, name + SUFFIX);
    const length = new TextEncoder().encode(path).length;
    if (length <= MAX_PATH) return path;
    throw new NodeFolderError(
      `Cannot open the socket "${path}": the path has ${length} bytes and ` +
        `sockets have at most ${MAX_PATH}, choose a shorter data directory`,
    );
  }

  listen(name: string): NodeListener {
    const { listener, remove } = listenSocket(this.socketOf(name));
    return {
      connections: listener,
      [Symbol.dispose]() {
        listener.close();
        remove();
      },
    };
  }

  async dial(name: string): Promise<ByteStream> {
    const path = this.socketOf(name);
    return await Deno.connect({ transport: "unix", path });
  }

  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(this.#path)) {
      const node = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : "";
      if (NAME.test(node)) names.push(node);
    }
    return names.toSorted();
  }
}
