/**
 * `deno task nightly`: all that takes longer than the tests of every day, one
 * after the other. `.ci/nightly` installs the programs of others that some of it
 * needs, and then comes here.
 *
 * `deno task nightly ws nemesis` plays only the steps with these names in theirs.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A part of the night. */
interface Step {
  readonly name: string;
  /** Arguments of Deno. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Minutes it may take. */
  readonly minutes: number;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TEST = ["test", "-P=test", "--no-prompt", "--no-check"] as const;
const RUN = ["run", "-A", "--no-prompt"] as const;

const STEPS: readonly Step[] = [
  {
    name: "programs",
    args: [...TEST, ...await nightlyTests()],
    minutes: 20,
  },
  {
    name: "strangers",
    args: [...TEST, "tests/security/strangers_use_up_nothing_test.ts"],
    env: { STRANGER_CONNECTIONS: "25000" },
    minutes: 10,
  },
  {
    name: "faults",
    args: [...RUN, "tests/faults/times.ts"],
    minutes: 15,
  },
  {
    name: "nemesis",
    args: [...RUN, "tests/nemesis/nemesis.ts"],
    env: { DURATION: "900" },
    minutes: 20,
  },
  {
    name: "soak",
    args: [...RUN, "tests/security/soak.ts", "10"],
    minutes: 15,
  },
  {
    name: "mutate",
    args: [...RUN, "tests/mutate/mutate.ts", "--sample=12"],
    minutes: 25,
  },
];

async function main(): Promise<boolean> {
  const wanted = STEPS.filter(({ name }) =>
    Deno.args.length === 0 || Deno.args.some((part) => name.includes(part))
  );
  let failed = 0;
  for (const step of wanted) {
    const end = await play(step);
    if (end !== undefined) failed++;
    say(`== ${step.name}: ${end ?? "passed"}`);
  }
  say(`${wanted.length - failed} passed, ${failed} failed`);
  return failed === 0 && wanted.length > 0;
}

/** @returns What went wrong. */
async function play(
  { name, args, env = {}, minutes }: Step,
): Promise<string | undefined> {
  say(`== ${name}, at most ${minutes} minutes`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env,
    stdin: "null",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, minutes * 60_000);
  const { code } = await child.status;
  clearTimeout(timer);
  if (isLate) return `not done after ${minutes} minutes`;
  return code === 0 ? undefined : `ended with ${code}`;
}

/** The tests that are not part of every day: `*_nightly.ts`. */
async function nightlyTests(): Promise<string[]> {
  const found: string[] = [];
  const folders = ["tests"];
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) folders.push(path);
      else if (name.endsWith("_nightly.ts")) found.push(path);
    }
  }
  return found.toSorted();
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a program for the terminal
  console.log(text);
}

Deno.exit(await main() ? 0 : 1);
