/**
 * Lines between a client and its server, each of which a test can cut alone.
 *
 * @module
 */
import { writeAll } from "../testing/byte_scanner.ts";
import { closeQuietly, TcpServer } from "../testing/tcp_server.ts";

/** One connection that was made. */
export interface Line {
  /** Ends it in both directions, in the middle of whatever it carries. */
  cut(): void;
}

/** A port that leads to another port. */
export interface Lines extends AsyncDisposable {
  readonly port: number;
  /** All lines so far, in the order in which they were made. */
  readonly made: readonly Line[];
}

/** Starts a port whose connections lead to `port` of this machine. */
export function startLines(port: number): Lines {
  const made: Line[] = [];
  const server = new TcpServer(async (near) => {
    const far = await Deno.connect({ hostname: "127.0.0.1", port });
    far.setNoDelay();
    const line = {
      cut() {
        closeQuietly(near);
        closeQuietly(far);
      },
    };
    made.push(line);
    await Promise.allSettled([flow(near, far), flow(far, near)]);
    line.cut();
  });
  return {
    port: server.port,
    made,
    [Symbol.asyncDispose]: async () => {
      for (const line of made) line.cut();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function flow(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (
    let count = await from.read(buffer);
    count !== null;
    count = await from.read(buffer)
  ) {
    await writeAll(to, buffer.subarray(0, count));
  }
  await to.closeWrite();
}
