/**
 * Browsers that hold connections and do nothing: a process of its own, with
 * files of its own. It reads its plan as JSON from its first argument, opens
 * CONNECTs to a site that sends back what it gets, and says "open" when all are
 * there. At SIGUSR1 it asks on every one of them and says how many answered.
 *
 * @module
 */
import { ByteScanner, bytesOf, textOf } from "../testing/byte_scanner.ts";

/** What a process of browsers gets as input. */
export interface IdlePlan {
  readonly proxyPort: number;
  /** `user+tunnel:key` */
  readonly credentials: string;
  /** `host:port` of the site. */
  readonly authority: string;
  readonly count: number;
  /** Opened at the same time: listeners queue no more than a few hundred. */
  readonly atOnce: number;
}

/** A connection through CONNECT. */
interface Held {
  readonly conn: Deno.Conn;
  readonly scanner: ByteScanner;
}

if (import.meta.main) await main(JSON.parse(Deno.args[0] ?? ""));

async function main(plan: IdlePlan): Promise<void> {
  const held: Held[] = [];
  while (held.length < plan.count) {
    const count = Math.min(plan.atOnce, plan.count - held.length);
    const batch = Array.from({ length: count }, () => connect(plan));
    held.push(...await Promise.all(batch));
  }
  Deno.addSignalListener("SIGUSR1", async () => {
    let answered = 0;
    for (let at = 0; at < held.length; at += plan.atOnce) {
      const batch = held.slice(at, at + plan.atOnce).map(isAlive);
      answered += (await Promise.all(batch)).filter(Boolean).length;
    }
    say(`${answered} answered`);
  });
  // A listener for a signal alone keeps no process running.
  setInterval(() => {}, 60_000);
  say("open");
}

async function connect(plan: IdlePlan): Promise<Held> {
  const conn = await Deno.connect({ port: plan.proxyPort });
  const { authority } = plan;
  await conn.write(bytesOf(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n` +
      `Proxy-Authorization: Basic ${btoa(plan.credentials)}\r\n\r\n`,
  ));
  const scanner = new ByteScanner(conn);
  const head = await scanner.readThrough("\r\n\r\n") ?? "";
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(head);
  return { conn, scanner };
}

async function isAlive({ conn, scanner }: Held): Promise<boolean> {
  try {
    await conn.write(bytesOf("here?"));
    return textOf(await scanner.readExactly(5)) === "here?";
  } catch {
    // Cut: that is what the test asks about.
    return false;
  }
}

function say(line: string): void {
  // deno-lint-ignore no-console -- what it is started for
  console.log(line);
}
