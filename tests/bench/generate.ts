/**
 * Puts a load on a peer and looks at what its ends use meanwhile.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { TestProcess } from "../testing/process.ts";
import type { RunningPeer } from "./peer.ts";
import {
  LOAD_REPORT,
  type LoadReport,
  type LoadSpec,
} from "./programs/load_spec.ts";
import { machineCpu, type Usage, usageOf } from "./usage.ts";

const LOAD = fileURLToPath(new URL("programs/load.ts", import.meta.url));
/** To open what the load needs, besides its own time. */
const PATIENCE = 60_000;

/** What a load came to. */
export interface LoadResult extends LoadReport {
  /** Processor seconds that were spent, and memory at the end, of each end. */
  readonly server: Usage;
  readonly client: Usage;
  /** Processor seconds per second that others spent on this machine: 0 is a quiet one. */
  readonly others: number;
}

interface Snapshot {
  readonly server: Usage;
  readonly client: Usage;
  readonly others: number;
}

function look({ server, client }: RunningPeer): Snapshot {
  return {
    server: usageOf(server),
    client: usageOf(client),
    others: machineCpu() - usageOf([Deno.pid]).cpu,
  };
}

function spent(before: Usage, after: Usage): Usage {
  return { cpu: after.cpu - before.cpu, memory: after.memory };
}

/** A load that runs; counting has begun. */
export interface RunningLoad extends AsyncDisposable {
  /** Waits until it is over. */
  result(): Promise<LoadResult>;
}

/** Starts a load in a process of its own; resolves when counting begins. */
export async function startLoad(
  spec: LoadSpec,
  peer: RunningPeer,
): Promise<RunningLoad> {
  const args = ["run", "-qA", LOAD, JSON.stringify(spec)];
  const generator = new TestProcess(Deno.execPath(), args);
  await using stack = new AsyncDisposableStack();
  stack.use(generator);
  await said(generator, /^begin$/m, PATIENCE);
  const before = look(peer);
  const parts = stack.move();
  return {
    async result() {
      const ms = PATIENCE + spec.duration;
      const line = await said(generator, /^\{.*\}$/m, ms);
      const after = look(peer);
      const report = LOAD_REPORT.parse(JSON.parse(line));
      return {
        ...report,
        server: spent(before.server, after.server),
        client: spent(before.client, after.client),
        others: Math.max(0, (after.others - before.others) / report.seconds),
      };
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Waits for a line; throws what the generator printed when none comes. */
async function said(
  generator: TestProcess,
  line: RegExp,
  ms: number,
): Promise<string> {
  try {
    const [found] = await generator.waitFor(line, { ms });
    return found;
  } catch (cause) {
    const reason = /Error: (.*)/.exec(generator.stderr)?.[1] ?? "no answer";
    throw new Error(reason, { cause });
  }
}

/** Runs a load to its end. */
export async function generate(
  spec: LoadSpec,
  peer: RunningPeer,
): Promise<LoadResult> {
  await using load = await startLoad(spec, peer);
  return await load.result();
}
