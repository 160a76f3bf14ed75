/** In a terminal `run` keeps its status below the log; anywhere else it writes plain lines. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needs } from "../testing/needs.ts";
import { run, TestProcess } from "../testing/process.ts";
import {
  CLIENT_ENV,
  clientArgs,
  type ServerProgram,
  startServerProgram,
} from "./programs.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Runs a client in a terminal of its own, made by `script` of util-linux. */
function startInTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): TestProcess {
  const command = [Deno.execPath(), "run", "-q", "-P", "--no-prompt", MAIN];
  const words = [...command, ...args].map((word) => `'${word}'`).join(" ");
  return new TestProcess("script", ["-qec", words, "/dev/null"], {
    env: {
      ...{ ...CLIENT_ENV, SALLYPORT_LOG_FORMAT: "text" },
      ...{ TERM: "xterm", NO_COLOR: "1", ...env },
    },
  });
}

/** Interrupts the client of `server`, and not the terminal around it. */
async function interrupt({ caFile }: ServerProgram): Promise<void> {
  const pattern = `^\\S*deno run .*${caFile}`;
  await run("pkill", ["-INT", "-f", pattern]);
}

/** Elsewhere `script` takes its command in another way. */
const TERMINAL = {
  ignore: Deno.build.os !== "linux" || needs("script", "pkill").ignore,
};

Deno.test(
  "in a terminal the status is kept below the log, and gone in the end",
  TERMINAL,
  async () => {
    await using server = await startServerProgram();
    await using client = startInTerminal(clientArgs(server), { CI: "" });

    await client.waitFor(/starting for 0s/);
    await client.waitFor(
      /ready for \d+s · tunnel lab · proxy 127\.0\.0\.1:\d+/,
    );
    await client.waitFor(/2 sessions · .*0 running · \d+\.\d req/);
    // What Ctrl-C does in a terminal.
    await interrupt(server);
    const { stdout } = await client.exit();

    // deno-lint-ignore no-control-regex -- they are what it looks for
    const parts = stdout.split(/\r\x1b\[\d+A\x1b\[J/);
    assert.ok(parts.length > 3);
    assert.match(parts.at(-1) ?? "", /^(\S+ \S+ \[control\] .*\r\n)*$/);
    assert.match(stdout, /tunnel shut down cleanly/);
  },
);

for (
  const [where, args, env] of [
    ["in CI", [], { CI: "true" }],
    ["with JSON lines", ["--log-format=json"], { CI: "" }],
    ["on a dumb terminal", [], { CI: "", TERM: "dumb" }],
  ] as const
) {
  Deno.test(`${where} there are plain lines only`, TERMINAL, async () => {
    await using server = await startServerProgram();
    await using client = startInTerminal([...clientArgs(server), ...args], env);

    await client.waitFor(/you may start your tests[^']/);
    await interrupt(server);
    const { stdout } = await client.exit();

    assert.ok(!stdout.includes("\x1b"));
    // The parts of the status have it between them.
    assert.ok(!stdout.includes(" · "));
  });
}
