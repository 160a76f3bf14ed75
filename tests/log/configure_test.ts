import assert from "node:assert/strict";
import { join } from "node:path";

import { configureLog, type LogOptions } from "../../src/log/configure.ts";
import { logger } from "../../src/log/log.ts";

async function logged(
  options: LogOptions,
  write: () => void,
): Promise<readonly string[]> {
  const file = await Deno.makeTempFile();
  try {
    {
      await using _log = await configureLog({ ...options, file });
      write();
    }
    return (await Deno.readTextFile(file)).split("\n").slice(0, -1);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("configureLog() writes text lines with the fields behind the message", async () => {
  const lines = await logged({}, () => {
    logger("tunnel").info("established connection", { active: "1/2" });
    logger("control").error("connect failed", { backoff: "100 ms" });
    logger("control").warn("old version");
  });

  const times = lines.map((line) => line.slice(0, 26));
  assert.deepEqual(lines.map((line) => line.slice(27)), [
    "[tunnel] [INFO] established connection active=1/2",
    '[control] [ERROR] connect failed backoff="100 ms"',
    "[control] [WARN] old version",
  ]);
  for (const time of times) {
    assert.match(time, /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6}$/);
  }
  assert.deepEqual(times.toSorted(), times);
});

Deno.test("configureLog() writes JSON lines", async () => {
  const [line = ""] = await logged({ format: "json" }, () => {
    logger("api").info("listening", { port: 8032 });
  });

  const { time, ...rest } = JSON.parse(line);
  assert(Math.abs(Date.now() - Date.parse(time)) < 60_000);
  assert.deepEqual(rest, {
    level: "info",
    module: "api",
    msg: "listening",
    port: 8032,
  });
});

const LEVELS = [
  ["error", ["ERROR"]],
  ["info", ["INFO", "WARN", "ERROR"]],
  ["debug", ["DEBUG", "INFO", "WARN", "ERROR"]],
] as const;

for (const [level, written] of LEVELS) {
  Deno.test(`configureLog() at level ${level} writes ${written.join(", ")}`, async () => {
    const lines = await logged({ level }, () => {
      const log = logger("proxy");
      log.debug("x");
      log.info("x");
      log.warn("x");
      log.error("x");
    });

    assert.deepEqual(
      lines.map((each) => /\[([A-Z]+)\]/.exec(each)?.[1]),
      written,
    );
  });
}

Deno.test("configureLog() appends to the file and can be used again", async () => {
  const file = await Deno.makeTempFile();
  for (const run of [1, 2]) {
    await using _log = await configureLog({ file });
    logger("control").info("run", { run });
  }

  const text = await Deno.readTextFile(file);
  await Deno.remove(file);
  assert.match(text, /run=1\n.*run=2\n$/);
});

Deno.test({
  name:
    "configureLog() makes a file that nobody else reads, also when it is rotated",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    const file = join(folder, "sallyport.log");
    const modeOf = async (path: string) =>
      ((await Deno.stat(path)).mode ?? 0) & 0o777;
    {
      await using _log = await configureLog({ file });
      logger("control").info("one");
      await Deno.rename(file, `${file}.1`);
      Deno.kill(Deno.pid, "SIGHUP");
      while (!await isThere(file)) logger("control").info("two");
    }

    assert.deepEqual(
      [await modeOf(file), await modeOf(`${file}.1`)],
      [0o600, 0o600],
    );
    await Deno.remove(folder, { recursive: true });
  },
});

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    // The log opens it when it has a line to write.
    return false;
  }
}

Deno.test("configureLog() keeps braces in messages", async () => {
  const [line = ""] = await logged(
    {},
    () => logger("control").info("a {b}", { b: 1 }),
  );

  assert.match(line, /a \{b\} b=1$/);
});

Deno.test("configureLog() says which file it cannot open", async () => {
  await assert.rejects(configureLog({ file: "/nowhere/x.log" }), {
    message: 'Cannot open the log file "/nowhere/x.log": ' +
      "there is no such file or folder, choose another",
  });
});

function numberedLines(...args: readonly string[]): Deno.ChildProcess {
  const script = join(import.meta.dirname ?? "", "numbered_lines.ts");
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", script, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("configureLog() writes every line to standard output before the process ends", async () => {
  const child = numberedLines();
  const input = child.stdin.getWriter();

  await input.write(new Uint8Array(20_000));
  await input.close();

  const { code, stdout, stderr } = await child.output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
  assert.equal(lines.length, 20_000);
  assert.match(lines.at(-1) ?? "", /\[control\] \[INFO\] line number=20000$/);
});

Deno.test({
  name: "configureLog() opens the file again on SIGHUP and loses no line",
  ignore: Deno.build.os === "windows",
  async fn() {
    const directory = await Deno.makeTempDir();
    const file = join(directory, "a.log");
    const child = numberedLines(file);
    const input = child.stdin.getWriter();
    const answers = child.stdout.getReader();
    const feedUntilThere = async (): Promise<void> => {
      while (!await sizeOf(file)) {
        await input.write(new Uint8Array(10));
        await answers.read();
      }
    };

    await feedUntilThere();
    await Deno.rename(file, join(directory, "b.log"));
    child.kill("SIGHUP");
    await feedUntilThere();
    await input.close();
    const [{ code }, stderr] = await Promise.all([
      child.status,
      child.stderr.text(),
      answers.cancel(),
    ]);

    const old = await Deno.readTextFile(join(directory, "b.log"));
    const fresh = await Deno.readTextFile(file);
    await Deno.remove(directory, { recursive: true });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const numbers = Array.from(
      (old + fresh).matchAll(/ number=(\d+)\n/g),
      ([, number]) => Number(number),
    );
    assert.deepEqual(numbers, numbers.map((_, index) => index + 1));
    assert(fresh.length > 0 && old.length > 0);
  },
});

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return 0;
  }
}
