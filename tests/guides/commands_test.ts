/** Every command of the guides for hosts and operators runs as it stands there. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROJECT } from "../documents.ts";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";
import { temporaryDirectory } from "../system/programs.ts";
import { blocksOf, commandsOf } from "./blocks.ts";
import {
  ELSEWHERE,
  NOT_RUN,
  playedCommands,
  PLAYS,
  shellBlocks,
} from "./plays.ts";

const ROOM = {
  ignore: needs(
    ...["bash", "curl", "ip", "logrotate", "nginx", "openssl"] as const,
    ...["pebble", "sh", "systemd-analyze", "unshare"] as const,
  ).ignore || Deno.build.os !== "linux" || Deno.uid() !== 0,
};

/** What the guide shows besides the README's first tunnel. */
const LATER: readonly string[] = [
  "sallyport login https://lab.example:8443",
  "sallyport run -i my-tunnel",
];

/** Milliseconds that a play may take, on a machine that does much else. */
const PLAYS_WITHIN = 120_000;

Deno.test("every command of a guide is played, run by another test, or has a reason why not", async () => {
  const commands = new Set<string>();
  const firsts = new Set<string>();
  for (const name of Object.keys(PLAYS)) {
    for (const block of await shellBlocks(name)) {
      const all = commandsOf(block);
      for (const command of all) commands.add(command);
      firsts.add(`${name}: ${all[0]}`);
    }
  }

  for (const [block, test] of Object.entries(ELSEWHERE)) {
    assert.ok(firsts.has(block), `No block begins so: ${block}`);
    assert.ok(existsSync(join(PROJECT, test)), test);
  }
  for (const command of Object.keys(NOT_RUN)) {
    assert.ok(commands.has(command), `No guide has: ${command}`);
  }
});

Deno.test("what stands around a command is about a command that is played", async () => {
  for (const [name, { around = {} }] of Object.entries(PLAYS)) {
    const played = await playedCommands(name);
    for (const command of Object.keys(around)) {
      assert.ok(played.includes(command), `${name}: ${command}`);
    }
  }
});

Deno.test("the first tunnel of the README is that of its guide", async () => {
  const withoutComment = (command: string) => command.replace(/ +#.*$/, "");
  const readme = (await blocksOf("README.md"))
    .filter(({ language }) => language === "sh")
    .flatMap(commandsOf).map(withoutComment);
  const played = await playedCommands("first-tunnel");
  const last = readme.indexOf(played.at(-1) ?? "");
  const shown = readme.slice(readme.indexOf(played[0] ?? ""), last + 1);

  assert.deepEqual(
    shown,
    played.filter((command) => !LATER.includes(command)),
  );
});

for (const name of Object.keys(PLAYS)) {
  const commands = await playedCommands(name);
  if (commands.length === 0) continue;
  Deno.test(`the commands of ${name}.md run in their order`, ROOM, async () => {
    await using folder = await temporaryDirectory();
    const info = await run(Deno.execPath(), ["info", "--json"]);
    const { denoDir } = JSON.parse(info.stdout);
    const here = join(PROJECT, "tests/guides");

    const { code, stdout, stderr } = await run("unshare", [
      ...[
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
      ],
      ...["sh", join(here, "room.sh"), folder.path, PROJECT],
      ...[Deno.execPath(), denoDir],
      ...["run", "-qA", "--no-prompt", "--cached-only"],
      ...[`--config=${join(PROJECT, "deno.json")}`, join(here, "stage.ts")],
      name,
    ], {
      env: { PATH: pathWithDaemons() },
      ms: PLAYS_WITHIN,
    });

    assert.equal(code, 0, `${stderr}\n${stdout}`);
    const ran = Array.from(
      stdout.matchAll(/^ran: (.*)$/gm),
      ([, command = ""]) => JSON.parse(command),
    );
    assert.deepEqual(ran, commands);
  });
}

/** Daemons are not on the PATH of every user. */
function pathWithDaemons(): string {
  const path = Deno.env.get("PATH") ?? "";
  return [path, "/usr/local/sbin", "/usr/sbin", dirname(Deno.execPath())]
    .join(":");
}
