/**
 * `churn.ts [MINUTES]`, 30 by default: a server and a client run for long,
 * while tunnels and clients come and go, plugins are saved again and again, and
 * somebody has the inspector open. `SEED=` chooses the same by chance.
 *
 * Ends with code 1 when anything failed that anybody did, or when afterwards a
 * program holds more files, more memory or more timers than before. Three
 * minutes show the first two.
 *
 * @module
 */
import { needs } from "../../testing/needs.ts";
import { startOrigin } from "../../testing/origin.ts";
import type { TestProcess } from "../../testing/process.ts";
import { seededRandom } from "../../http2/hpack/random.ts";
import { tempPlugins } from "../../plugin/temp_plugins.ts";
import { callRest } from "../../system/rest_calls.ts";
import {
  beginClientProgram,
  startServerProgram,
  untilUp,
} from "../../system/programs.ts";
import { growthOf, type Resources, resourcesOf } from "./resources.ts";
import * as users from "./users.ts";
import type { Place } from "./users.ts";

const MINUTES = Number(Deno.args[0] ?? 30);
/** Sessions of the client. */
const SESSIONS = 4;
/** Between two rows of the table, in milliseconds. */
const INTERVAL = 10_000;
/** Until the inspector is full, and compilers and collectors have grown: a part of the time. */
const WARM_UP = 1 / 3;
/** What a program may grow by afterwards, in MB: less than what an hour of a leak of 1 kB a request makes. */
const MAX_GROWTH = 30;
/** Files that a program may have open in the end beyond those in the beginning. */
const MAX_FILES = 4;
/** How long connections to sites and pages may take to be closed. */
const MAX_REST = 180_000;
/** How long programs are watched while nothing happens. */
const WATCH = 10_000;
/** How often a program may wake up at rest, for each time that it did in the beginning. Timers of nobody make it many. */
const MAX_WAKING = 2;

/** What somebody does, how many do it, and how long each of them waits, in milliseconds. */
const HABITS: readonly (readonly [
  act: (place: Place) => Promise<void>,
  people: number,
  pause: number,
])[] = [
  [users.browse, 4, 20],
  [users.visit, 1, 200],
  [users.chat, 1, 200],
  [users.comeAndGo, 2, 100],
  [users.edit, 1, 15_000],
  [users.inspect, 1, 1_000],
  [users.start, 1, 30_000],
];

/** How often something was done, and what went wrong. */
interface Counts {
  readonly done: Map<string, number>;
  readonly failures: string[];
}

needs("cat", "ls");
Deno.exit(await main() ? 0 : 1);

async function main(): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const place = await open(stack);
  const { server, client } = place;
  const programs = [server.process, client.process];
  // What is opened once and kept is open afterwards.
  for (const [act] of HABITS) await act(place);
  const before = await atRest(programs);
  say("at first", before);

  const counts: Counts = { done: new Map(), failures: [] };
  const rows = await live(place, counts);

  const problems = [
    ...counts.failures,
    ...grown(rows),
    ...await left(place, before),
    ...await lastWords(programs),
  ];
  for (const problem of problems.slice(0, 30)) say(`PROBLEM: ${problem}`);
  say(
    `${MINUTES} minutes, ${summary(counts)}: ${problems.length} problems`,
  );
  return problems.length === 0;
}

/** Starts everything. */
async function open(stack: AsyncDisposableStack): Promise<Place> {
  const plain = stack.use(await startOrigin());
  const secure = stack.use(await startOrigin("https", ["localhost"]));
  const plugins = stack.use(
    await tempPlugins({ "mark.js": users.pluginOf(1) }),
  );
  const trusted = await Deno.makeTempFile();
  stack.defer(() => Deno.remove(trusted));
  await Deno.writeTextFile(trusted, secure.ca ?? "");
  const server = stack.use(await startServerProgram());
  const client = stack.use(
    await beginClientProgram(server, {
      args: [
        ...["--inspector", "--inspector-memory=16Mi"],
        ...[`--plugin-dir=${plugins.directory}`, `--cacert-file=${trusted}`],
        `--tunnel-connections=${SESSIONS}`,
        "--tls-resign-domains=^localhost$",
      ],
    }),
  );
  await untilUp(client.process, SESSIONS);
  return { server, client, plain, secure, plugins, random: seededRandom() };
}

/** Everybody does what they do until the time is over. @returns What both programs held meanwhile. */
async function live(
  place: Place,
  { done, failures }: Counts,
): Promise<readonly (readonly Resources[])[]> {
  const end = Date.now() + MINUTES * 60_000;
  const rows: Resources[][] = [];
  const programs = [place.server.process, place.client.process];
  const act = async (what: (place: Place) => Promise<void>, pause: number) => {
    while (Date.now() < end) {
      try {
        await what(place);
      } catch (cause) {
        failures.push(`${what.name}: ${cause}`);
      }
      done.set(what.name, (done.get(what.name) ?? 0) + 1);
      await pass(Math.min(pause, Math.max(0, end - Date.now())));
    }
  };
  await Promise.all([
    ...HABITS.flatMap(([what, people, pause]) =>
      Array.from({ length: people }, () => act(what, pause))
    ),
    (async () => {
      while (Date.now() < end) {
        await pass(Math.min(INTERVAL, end - Date.now()));
        const row = await Promise.all(
          programs.map(({ pid }) => resourcesOf(pid)),
        );
        rows.push(row);
        say(`${failures.length} failures`, row);
      }
    })(),
  ]);
  return rows;
}

/** Whether a program has grown, the beginning aside. */
function grown(rows: readonly (readonly Resources[])[]): string[] {
  const settled = rows.slice(Math.floor(rows.length * WARM_UP));
  return ["server", "client"].flatMap((name, at) => {
    const growth = growthOf(settled.map((row) => row[at]?.memory ?? 0));
    say(`the ${name} grew by ${growth} MB after the beginning`);
    return growth > MAX_GROWTH ? [`the ${name} grew by ${growth} MB`] : [];
  });
}

/** What is left when everybody has gone. */
async function left(
  { server, client }: Place,
  before: readonly Resources[],
): Promise<string[]> {
  const programs = [server.process, client.process];
  const problems: string[] = [];
  const tunnels = JSON.parse((await callRest(server, { path: "" })).text);
  if (tunnels.length !== 1) problems.push(`${tunnels.length} tunnels are left`);
  let after = await atRest(programs);
  const end = Date.now() + MAX_REST;
  const hasMoreFiles = () =>
    after.some(({ files }, at) => files > (before[at]?.files ?? 0) + MAX_FILES);
  while (hasMoreFiles() && Date.now() < end) after = await atRest(programs);
  say("at last", after);
  for (const [at, name] of ["server", "client"].entries()) {
    const [then, now] = [before[at], after[at]];
    if (then === undefined || now === undefined) continue;
    if (now.files > then.files + MAX_FILES) {
      problems.push(`the ${name} has ${now.files} files, not ${then.files}`);
    }
    if (now.sleeps > MAX_WAKING * then.sleeps) {
      problems.push(
        `the ${name} wakes up ${now.sleeps} times, not ${then.sleeps}`,
      );
    }
  }
  return problems;
}

/** What programs hold, and how often they wake up in {@linkcode WATCH}, while nothing happens. */
async function atRest(
  programs: readonly TestProcess[],
): Promise<readonly Resources[]> {
  const look = () => Promise.all(programs.map(({ pid }) => resourcesOf(pid)));
  const first = await look();
  await pass(WATCH);
  return (await look()).map((now, at) => ({
    ...now,
    sleeps: now.sleeps - (first[at]?.sleeps ?? 0),
  }));
}

/** Ends both, the client first. */
async function lastWords(programs: readonly TestProcess[]): Promise<string[]> {
  const problems: string[] = [];
  for (const program of programs.toReversed()) {
    program.signal("SIGTERM");
    const { code, stderr } = await program.exit(60_000);
    if (code !== 0) problems.push(`it ended with ${code}: ${stderr}`);
    const errors = program.log.all.filter(({ level }) => level === "error");
    problems.push(...errors.map((event) => JSON.stringify(event)));
  }
  return problems;
}

function summary({ done }: Counts): string {
  return [...done].map(([what, count]) => `${what} ${count}`).join(", ");
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(text: string, row: readonly Resources[] = []): void {
  const [memory, files, sleeps] = (["memory", "files", "sleeps"] as const)
    .map((what) => row.map((each) => each[what]).join(" + "));
  const told = row.length === 0
    ? ""
    : `: ${memory} MB, ${files} files, ${sleeps} sleeps`;
  // deno-lint-ignore no-console -- the result
  console.log(text + told);
}
