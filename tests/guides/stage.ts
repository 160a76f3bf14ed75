/**
 * Plays the commands of one guide in a room (`room.sh`), in one shell, in their
 * order. Prints a line `ran: COMMAND` in JSON for each that succeeded.
 *
 * @module
 */
import { join } from "node:path";
import { createTestAuthority } from "../testing/certs.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { startPebble } from "../testing/pebble.ts";
import { spawn } from "../testing/process.ts";
import { blocksOf, guide } from "./blocks.ts";
import { playedCommands, PLAYS } from "./plays.ts";

needs("bash", "pebble");

const [name = ""] = Deno.args;
const play = PLAYS[name];
if (play === undefined) throw new Error(`No play for the guide "${name}"`);

const room = Deno.env.get("ROOM") ?? "";
const prelude = await Deno.readTextFile(
  new URL("prelude.sh", import.meta.url),
);
await using stack = new AsyncDisposableStack();
const env: Record<string, string> = {};
const { cert, key, ca } = await (async () => {
  const authority = await createTestAuthority();
  const pair = await authority.issue(["lab.example"]);
  return { ...pair, ca: authority.ca };
})();
await Deno.mkdir("/etc/sallyport", { recursive: true });
await Deno.writeTextFile("/etc/sallyport/lab.example.crt", cert);
await Deno.writeTextFile("/etc/sallyport/lab.example.key", key);
await Deno.writeTextFile(join(room, "authority.pem"), ca);
const origin = stack.use(await startOrigin());
env["SITE"] = `http://intranet.test:${origin.port}/`;
if (play.needsAcme) {
  const pebble = stack.use(await startPebble({ tlsPort: 443 }));
  env["ACME_DIRECTORY"] = pebble.directory;
  env["ACME_CA"] = join(room, "pebble.pem");
  await Deno.writeTextFile(env["ACME_CA"], pebble.ca);
}

// Files that the guide shows: the first block of YAML is `$ROOM/1.yaml`.
const counts = new Map<string, number>();
for (const { language, text } of await blocksOf(guide(name))) {
  const count = (counts.get(language) ?? 0) + 1;
  counts.set(language, count);
  await Deno.writeTextFile(join(room, `${count}.${language}`), text);
}

/** A command of the guide, what stands around it, and the word that it ran. */
function stepOf(command: string): string {
  const { before = "", after = "", instead } = play?.around?.[command] ?? {};
  const told = JSON.stringify(command).replaceAll("'", "'\\''");
  return [
    `step='${told}'`,
    before,
    `{ ${instead ?? command}\n} >"$ROOM/output"`,
    `output=$(<"$ROOM/output")`,
    after,
    `echo 'ran: ${told}'`,
  ].join("\n");
}

const steps = (await playedCommands(name)).map(stepOf);
const script = [
  prelude,
  `trap '[ $? = 0 ] || echo "failed: $step" >&2' EXIT`,
  "step=before",
  play.before ?? "",
  ...steps,
  "for each in client server; do stop $each; done",
].join("\n");
const path = join(room, "script.sh");
await Deno.writeTextFile(path, script);
const { code } = await spawn("bash", { args: [path], env }).status;
await stack.disposeAsync();
Deno.exit(code);
