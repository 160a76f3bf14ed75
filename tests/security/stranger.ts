/**
 * A stranger: a process of its own, with files of its own, that opens many
 * connections from one address and lets them hang. It reads what to do as JSON
 * from its first argument, writes one JSON line when all were tried, and holds
 * what is open until it is killed.
 */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** What a connection does after it is open. */
export type Habit = "silent" | "half_hello" | "slow_head";

/** What a stranger gets as input. */
export interface StrangerPlan {
  /** Its own address, of this machine. */
  readonly from: string;
  readonly ports: readonly number[];
  readonly habits: readonly Habit[];
  /** Connections in all. */
  readonly count: number;
  /** Connections that may be opening at the same time. */
  readonly atOnce: number;
}

/** What it says when it has tried all. */
export interface StrangerReport {
  /** Connections that were open at some time. */
  readonly opened: number;
  /** Connections that the system refused or that could not be opened. */
  readonly failed: number;
  /** Connections that are still open. */
  readonly held: number;
}

/** A TLS handshake record whose announced length never comes (RFC 8446 §5.1). */
const HALF_HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 1, 2]);
const SLOW_HEAD = "GET / HTTP/1.1\r\nHost: a.test\r\nX-Slow: ";
/** Between two bytes of a slow head, in milliseconds. */
const PAUSE = 2_000;

if (import.meta.main) {
  const plan: StrangerPlan = JSON.parse(Deno.args[0] ?? "");
  // deno-lint-ignore no-console -- what it is started for
  console.log(JSON.stringify(await attack(plan)));
}

async function attack(plan: StrangerPlan): Promise<StrangerReport> {
  const open = new Set<Socket>();
  let opened = 0;
  let failed = 0;
  let next = 0;
  setInterval(() => {
    for (const socket of open) if (socket.writable) socket.write("x");
  }, PAUSE);
  await Promise.all(Array.from({ length: plan.atOnce }, worker));
  return { opened, failed, held: open.size };

  async function worker(): Promise<void> {
    while (next < plan.count) await openOne(next++);
  }

  function openOne(index: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const port = plan.ports[index % plan.ports.length] ?? 0;
    const round = Math.floor(index / plan.ports.length);
    const habit = plan.habits[round % plan.habits.length] ?? "silent";
    const socket = connect({
      port,
      host: "127.0.0.1",
      localAddress: plan.from,
    });
    socket.on("connect", () => {
      opened += 1;
      if (habit === "half_hello") socket.write(HALF_HELLO);
      if (habit === "slow_head") {
        socket.write(SLOW_HEAD);
        open.add(socket);
      }
      resolve();
    });
    socket.on("error", () => {
      failed += socket.connecting ? 1 : 0;
      socket.destroy();
      resolve();
    });
    socket.on("close", () => open.delete(socket));
    socket.resume();
    return promise;
  }
}
