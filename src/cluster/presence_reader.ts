/** What a linked node has said of itself. */
import type { ByteReader } from "../net/stream/byte_stream.ts";
import { MAX_LINE, readPresenceLine } from "./presence.ts";

/** Most tunnels that one node may say it holds: ten times what one can serve. */
const MAX_HELD = 100_000;
/** Bytes that are read at once. */
const CHUNK = 16 * 1024;

/** The state of a linked node, as far as it has said it. */
export class PeerPresence {
  readonly #held = new Set<string>();
  #exchanges = 0;
  #isDraining = false;
  #isComplete = false;

  /** The tunnels with sessions there. */
  get held(): ReadonlySet<string> {
    return this.#held;
  }

  /** Exchanges that run there. */
  get exchanges(): number {
    return this.#exchanges;
  }

  /** Whether it takes nothing new. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Whether it has said all that it held when the link began. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** @throws {SyntaxError} When it is nothing that a node says. @throws {RangeError} When it is too much. */
  take(line: string): void {
    const event = readPresenceLine(line);
    switch (event.kind) {
      case "held":
        this.#held.add(event.tunnelId);
        if (this.#held.size <= MAX_HELD) return;
        throw new RangeError(
          `Cannot follow another node: it holds over ${MAX_HELD} tunnels`,
        );
      case "dropped":
        this.#held.delete(event.tunnelId);
        return;
      case "load":
        this.#exchanges = event.exchanges;
        return;
      case "draining":
        this.#isDraining = true;
        return;
      case "complete":
        this.#isComplete = true;
        return;
      default:
        event satisfies never;
    }
  }
}

/**
 * Reads lines to their end.
 *
 * @param onLines Called after each piece that was read.
 * @throws What `peer` and `source` throw. {SyntaxError} when a line is too long.
 */
export async function readPresence(
  source: ByteReader,
  peer: PeerPresence,
  onLines: () => void,
): Promise<void> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(CHUNK);
  let rest = "";
  for (;;) {
    const count = await source.read(buffer);
    if (count === null) return;
    const text = decoder.decode(buffer.subarray(0, count), { stream: true });
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) {
      throw new SyntaxError(
        "Cannot read what another node says: a line is too long",
      );
    }
    for (const line of lines) peer.take(line);
    onLines();
  }
}
