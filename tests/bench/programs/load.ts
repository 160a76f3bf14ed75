/**
 * The generator of load, a process of its own on native sockets:
 * `load.ts SPEC`, where SPEC is a `LoadSpec` as JSON.
 *
 * Prints {@linkcode BEGIN} when counting begins and a `LoadReport` as JSON when
 * it is over.
 *
 * @module
 */
import { sleep } from "../../../src/async/timer.ts";
import {
  BEGIN,
  LOAD_SPEC,
  type LoadReport,
  type LoadSpec,
  SMALL_CONTENT,
} from "./load_spec.ts";
import { Responses } from "./responses.ts";
import { openRoute, requestBytes, type Route, writeAll } from "./route.ts";

/** More than any tunnel carries in a measurement: 1 TiB. */
const ENDLESS = 2 ** 40;
const READ_BYTES = 262_144;
/** Connections opened at the same time: more would measure the listener's queue. */
const OPENED_AT_ONCE = 16;

/** What is counted; emptied when counting begins. */
class Tally {
  bytes = 0;
  #times: number[] = [];

  /** Adds an exchange that began at `start`, on the clock of `performance`. */
  add(start: number): void {
    this.#times.push(performance.now() - start);
  }

  clear(): void {
    this.bytes = 0;
    this.#times = [];
  }

  report(seconds: number): LoadReport {
    const sorted = Float64Array.from(this.#times).sort();
    const at = (share: number) =>
      sorted[Math.floor(share * sorted.length)] ?? 0;
    return {
      seconds,
      bytes: this.bytes,
      exchanges: sorted.length,
      p50: at(0.5),
      p99: at(0.99),
    };
  }
}

async function download(route: Route, tally: Tally): Promise<void> {
  const conn = await openRoute(route);
  await writeAll(conn, requestBytes(route, `/bytes/${ENDLESS}`));
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const read = await conn.read(buffer);
    if (read === null) throw new Error("A download ended early");
    tally.bytes += read;
  }
}

async function ask(route: Route, tally: Tally, pause: number): Promise<void> {
  const request = requestBytes(route, `/bytes/${SMALL_CONTENT}`);
  for (;;) {
    using conn = await openRoute(route);
    const responses = new Responses(conn, SMALL_CONTENT);
    let isOpen = true;
    for (let answered = 0; isOpen; answered++) {
      const start = performance.now();
      await writeAll(conn, request);
      isOpen = await responses.next();
      if (isOpen) tally.add(start);
      // Some proxies end the connection after a response; none before.
      else if (answered === 0) throw new Error("There was no answer");
      if (pause > 0) await sleep(pause);
    }
  }
}

async function askOnce(route: Route): Promise<Deno.TcpConn> {
  const conn = await openRoute(route);
  await writeAll(conn, requestBytes(route, `/bytes/${SMALL_CONTENT}`));
  const isAnswered = await new Responses(conn, SMALL_CONTENT).next();
  if (!isAnswered) throw new Error("There was no answer");
  return conn;
}

async function reconnect(route: Route, tally: Tally): Promise<void> {
  for (;;) {
    const start = performance.now();
    const conn = await askOnce(route);
    conn.close();
    tally.add(start);
  }
}

/** Opens idle connections; the loads of the other kinds never end by themselves. */
async function hold(route: Route, count: number): Promise<void> {
  for (let open = 0; open < count; open += OPENED_AT_ONCE) {
    const next = Math.min(OPENED_AT_ONCE, count - open);
    await Promise.all(Array.from({ length: next }, () => askOnce(route)));
  }
}

function workersOf(spec: LoadSpec, tally: Tally): Promise<void>[] {
  const many = (count: number, work: () => Promise<void>) =>
    Array.from({ length: count }, work);
  switch (spec.kind) {
    case "bulk":
      return many(spec.streams, () => download(spec.route, tally));
    case "requests":
      return many(spec.workers, () => ask(spec.route, tally, spec.pause));
    case "connections":
      return many(spec.workers, () => reconnect(spec.route, tally));
    case "idle":
      return [];
  }
  return spec satisfies never;
}

async function generate(spec: LoadSpec): Promise<LoadReport> {
  const tally = new Tally();
  if (spec.kind === "idle") await hold(spec.route, spec.count);
  const work = Promise.all(workersOf(spec, tally));
  if (spec.kind !== "idle") await Promise.race([work, sleep(spec.warmUp)]);
  print(BEGIN);
  tally.clear();
  const start = performance.now();
  const end = sleep(spec.duration);
  await (spec.kind === "idle" ? end : Promise.race([work, end]));
  return tally.report((performance.now() - start) / 1000);
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const spec = LOAD_SPEC.parse(JSON.parse(Deno.args[0] ?? "{}"));
print(JSON.stringify(await generate(spec)));
// The workers still run: nobody waits for what they do now.
Deno.exit();
