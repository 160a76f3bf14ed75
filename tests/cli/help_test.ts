import assert from "node:assert/strict";

import { sallyport } from "./harness.ts";

const PAGES = [
  ["help"],
  ["help", "run"],
  ["help", "server"],
  ["help", "ready"],
  ["help", "plugin"],
  ["help", "user"],
  ["help", "user", "remove"],
  ["help", "key", "create"],
  ["help", "key", "list"],
  ["help", "plugin", "test"],
  ["help", "plugin", "new"],
  ["help", "pac", "eval"],
  ["help", "org"],
  ["help", "key"],
  ["help", "audit"],
  ["help", "backup"],
  ["help", "doctor"],
  ["help", "list"],
  ["help", "login"],
  ["help", "status"],
  ["help", "stop"],
  ["help", "run", "--verbose"],
  ["help", "run", "tunnel-name"],
  ["help", "user", "add", "role"],
  ["run", "config-file"],
  ["server", "config-file"],
] as const;

for (const page of PAGES) {
  Deno.test(`"sallyport ${page.join(" ")}" is as it was reviewed`, async (t) => {
    const { code, stdout, stderr } = await sallyport(page);

    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const width = page.at(-1) === "config-file" ? 80 : 100;
    const long = stdout.split("\n").filter((line) => line.length > width);
    assert.deepEqual(long, []);
    await t.assertSnapshot(stdout);
  });
}

const SAME_PAGES = [
  [[], ["help"]],
  [["--help"], ["help"]],
  [["-h"], ["help"]],
  [["--help", "server"], ["help", "server"]],
  [["run", "--help"], ["help", "run"]],
  [["-i", "x", "-h"], ["help", "run"]],
  [["user", "add", "--help"], ["help", "user", "add"]],
  [["plugin", "test", "a.ts", "-h"], ["help", "plugin", "test"]],
  [["plugin", "--help"], ["help", "plugin"]],
  [["run", "config-file", "--help"], ["help", "run", "config-file"]],
  [["run", "--help", "--verbose"], ["help", "run", "--verbose"]],
  [["user", "set", "--verbose", "-h"], ["help", "user", "set", "--verbose"]],
  [["help", "run", "--tunnel-name"], ["help", "run", "tunnel-name"]],
  [["help", "run", "-i"], ["help", "run", "tunnel-name"]],
  [["help", "run", "proxy-sauce"], ["help", "run", "proxy-server"]],
] as const;

for (const [args, page] of SAME_PAGES) {
  Deno.test(`"sallyport ${args.join(" ")}" shows "${page.join(" ")}"`, async () => {
    assert.deepEqual(await sallyport(args), await sallyport(page));
  });
}

Deno.test("help knows the words behind every command that has some", async () => {
  const { stdout } = await sallyport(["help"]);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)];
  assert.ok(commands.length > 10, stdout);
  for (const [, command = ""] of commands) {
    const page = await sallyport(["help", command]);
    const usage = new RegExp(`sallyport ${command} ([a-z][a-z-]*)( |$)`);
    for (const line of page.stdout.split("\n\n", 1)[0]?.split("\n") ?? []) {
      const [, word] = usage.exec(line) ?? [];
      if (word === undefined) continue;
      const { code, stdout } = await sallyport(["help", command, word]);
      assert.equal(code, 0, `help ${command} ${word}`);
      assert.ok(
        stdout.startsWith(`Usage: sallyport ${command} ${word}`),
        stdout,
      );
    }
  }
});

Deno.test("help refuses words that are not behind the command, with what is meant", async () => {
  for (
    const [topic, says] of [
      [["plugin", "tset"], /Cannot use "tset": .* "test"/],
      [["version", "x"], /Cannot use "x": unexpected argument, see --help/],
      [["plugin", "test", "x"], /Cannot use "x"/],
      [["run", "tunel-name"], /Cannot use "tunel-name": .* "tunnel-name"/],
      [["run", "--tunel-name"], /Cannot use "--tunel-name": .* "tunnel-name"/],
      [["run", "tunnel-name", "x"], /Cannot use "x": unexpected argument/],
      [["user", "remove", "role"], /Cannot use "role"/],
      [["user", "constructor"], /Cannot use "constructor"/],
    ] as const
  ) {
    const { code, stderr } = await sallyport(["help", ...topic]);
    assert.equal(code, 1);
    assert.match(stderr, says);
  }
});

for (const command of ["run", "server", "user", "key", "plugin"]) {
  Deno.test(`"help ${command}" has one line of at most 100 columns for each option`, async () => {
    const { stdout } = await sallyport(["help", command]);
    const options = stdout.split("\n")
      .filter((line) => /^ {2}(?:-\w, | {4})--/.test(line));
    const names = new Set(options.map((line) => /--[\w-]+/.exec(line)?.[0]));

    assert.ok(options.length > 2, stdout);
    assert.equal(names.size, options.length);
    for (const line of options) {
      assert.match(line, /^ {2}\S.*\S {2,}[A-Z]| {6}--\S.*\S {2,}[A-Z]/);
      assert.ok(line.length <= 100, line);
    }
  });
}

Deno.test("every option of every command has a help of its own", async () => {
  for (const command of ["run", "server", "ready", "plugin", "user", "audit"]) {
    const { stdout } = await sallyport(["help", command]);
    const names = Array.from(
      stdout.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm),
      ([, name = ""]) => name,
    );
    assert.ok(names.length > 0);
    for (const name of names) {
      const { code, stdout } = await sallyport(["help", command, `--${name}`]);
      assert.equal(code, 0, name);
      assert.match(stdout, new RegExp(`^(-\\w, )?--${name}\\b.*\n\n[A-Z]`));
    }
  }
});
