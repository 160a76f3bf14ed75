/**
 * `deno task nightly`: all that takes longer than the tests of every day, one
 * step after the other. `.ci/nightly` installs the programs of others that some
 * of it needs, and then comes here.
 *
 * `deno task nightly ws nemesis` plays only the steps with these words in their
 * names. The end is a table of all steps, and one line; code 1 means that a step
 * failed, took too long, or was not played because the night was over.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** A part of the night. */
interface Step {
  readonly name: string;
  /** Arguments of Deno. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Minutes it may take: twice what it takes on two quiet cores, and more. */
  readonly minutes: number;
}

/** How a step ended. */
interface Result {
  readonly name: string;
  readonly seconds: number;
  /** What went wrong, if anything did. */
  readonly problem: string | undefined;
  /** Tests whose programs are missing. */
  readonly ignored: number;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TEST = ["test", "-P=test", "--no-prompt", "--no-check"] as const;
const RUN = ["run", "-A", "--no-prompt"] as const;
/** A night. On two quiet cores all steps together take about 80 minutes. */
const NIGHT = 90 * 60_000;

/** In the order of their length, so that a short night has seen most. */
const STEPS: readonly Step[] = [
  ...await nightlyTests(),
  {
    name: "strangers",
    args: [...TEST, "tests/security/strangers_use_up_nothing_test.ts"],
    env: { STRANGER_CONNECTIONS: "25000" },
    minutes: 10,
  },
  {
    name: "replace",
    args: [...TEST, "tests/system/holds_little_for_plugins_test.ts"],
    env: { REPLACE_TEST_MB: "500" },
    minutes: 5,
  },
  {
    name: "faults",
    args: [...RUN, "tests/faults/times.ts"],
    minutes: 15,
  },
  {
    name: "soak",
    args: [...RUN, "tests/security/soak.ts", "5"],
    minutes: 10,
  },
  {
    name: "nemesis",
    args: [...RUN, "tests/nemesis/nemesis.ts"],
    env: { DURATION: "600" },
    minutes: 15,
  },
  {
    name: "mutate",
    args: [...RUN, "tests/mutate/mutate.ts", "--sample=12"],
    minutes: 25,
  },
  {
    name: "churn",
    args: [...RUN, "tests/programs/churn/churn.ts", "30"],
    minutes: 40,
  },
];

async function main(): Promise<boolean> {
  const wanted = STEPS.filter(({ name }) =>
    Deno.args.length === 0 || Deno.args.some((part) => name.includes(part))
  );
  const begun = performance.now();
  const results: Result[] = [];
  for (const step of wanted) {
    const left = NIGHT - (performance.now() - begun);
    results.push(await play(step, left));
  }
  say("");
  for (const { name, seconds, problem, ignored } of results) {
    const verdict = problem === undefined ? "passed" : `FAILED: ${problem}`;
    const missing = ignored === 0 ? "" : `, ${ignored} ignored`;
    say(
      `${name.padEnd(20)}${`${seconds}`.padStart(5)} s  ${verdict}${missing}`,
    );
  }
  const failed = results.filter(({ problem }) => problem !== undefined).length;
  const seconds = Math.round((performance.now() - begun) / 1000);
  say(`${"all".padEnd(20)}${`${seconds}`.padStart(5)} s`);
  say(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0;
}

/** @param left Milliseconds of the night. */
async function play(step: Step, left: number): Promise<Result> {
  const { name, args, env = {}, minutes } = step;
  if (left <= 0) {
    return { name, seconds: 0, problem: "the night is over", ignored: 0 };
  }
  const begun = performance.now();
  say(`== ${name}, at most ${minutes} minutes`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    // With all that it starts, it is ended at once.
    detached: true,
  }).spawn();
  let isLate = false;
  const end = () => Deno.kill(-child.pid, "SIGKILL");
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, Math.min(left, minutes * 60_000));
  const interrupt = () => {
    end();
    Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", interrupt);
  const [{ code }, ignored] = await Promise.all([
    child.status,
    show(child.stdout),
  ]);
  clearTimeout(timer);
  Deno.removeSignalListener("SIGINT", interrupt);
  const problem = isLate
    ? `not done after ${minutes} minutes`
    : code === 0
    ? undefined
    : `ended with ${code}`;
  const seconds = Math.round((performance.now() - begun) / 1000);
  return { name, seconds, problem, ignored };
}

/** Shows the output of a step. @returns How many tests were ignored, as the test runner says at its end. */
async function show(output: ReadableStream<Uint8Array>): Promise<number> {
  let tail = "";
  const decoder = new TextDecoder();
  for await (const piece of output) {
    Deno.stdout.writeSync(piece);
    tail = (tail + decoder.decode(piece, { stream: true })).slice(-1_000);
  }
  const [, ignored = "0"] = /\| (\d+) ignored/.exec(tail) ?? [];
  return Number(ignored);
}

/** The tests that are not part of every day, `*_nightly.ts`: a step each. */
async function nightlyTests(): Promise<Step[]> {
  const found: string[] = [];
  const folders = ["tests"];
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) folders.push(path);
      else if (name.endsWith("_nightly.ts")) found.push(path);
    }
  }
  return found.toSorted().map((path) => {
    const folder = basename(dirname(path));
    const name = folder === "programs" ? basename(path, "_nightly.ts") : folder;
    return { name, args: [...TEST, path], minutes: 10 };
  });
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a program for the terminal
  console.log(text);
}

Deno.exit(await main() ? 0 : 1);
