/** Where nodes listen, and how one gets to another. */
import type { ByteStream } from "../net/stream/byte_stream.ts";

/** The place where a node listens, until it is disposed. */
export interface NodeListener extends Disposable {
  /** The connections of other nodes. It ends when the place is disposed. */
  readonly connections: AsyncIterable<ByteStream>;
}

/** The places of all nodes of one server. Who can connect to one is taken for a node. */
export interface NodePlaces {
  /** Opens the place of a node. @throws {ListenError} When it cannot be opened. */
  listen(name: string): NodeListener;
  /** Connects to a node. @throws When it is not there. */
  dial(name: string): Promise<ByteStream>;
  /** The names of all nodes that have a place, in order. */
  names(): Promise<readonly string[]>;
}
