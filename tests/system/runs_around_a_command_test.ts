/**
 * Promise: `sallyport run … -- command` has the tunnel ready before the command
 * starts, and takes it down after it. Input, output, signals and exit code are
 * those of the command.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import {
  type Exit,
  type ProcessOptions,
  runProgram,
  startProgram,
} from "../testing/process.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { USER } from "../testing/user.ts";
import {
  CLIENT_ENV,
  clientArgs,
  type ServerProgram,
  SIGNALS,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

/** Arguments that run a script in Deno, which stands for a test runner. */
function script(text: string): readonly string[] {
  return ["--", Deno.execPath(), "eval", text];
}

/** Runs a script with a tunnel to its end. */
function around(
  server: Pick<ServerProgram, "url" | "caFile">,
  args: readonly string[],
  { env = {}, ...options }: ProcessOptions = {},
): Promise<Exit> {
  return runProgram([...clientArgs(server), ...args], {
    env: { ...CLIENT_ENV, ...env },
    ms: 60_000,
    ...options,
  });
}

/** What a script does that asks for a page through the tunnel. */
function fetching(url: string): string {
  return `const client = Deno.createHttpClient({
    proxy: { url: Deno.env.get("SALLYPORT_PROXY") },
  });
  const response = await fetch("${url}", { client });
  console.log(response.status, Deno.env.get("SALLYPORT_TUNNEL_NAME"));
  await response.body?.cancel();`;
}

function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("a command has a tunnel for as long as it runs", async (t) => {
  await using server = await startServerProgram();
  await using origin = await startOrigin();

  await t.step("its input, output and exit code are its own", async () => {
    const { code, stdout, stderr } = await around(
      server,
      script(`${fetching(`${origin.url}/status/201`)}
        console.log(await new Response(Deno.stdin.readable).text());
        console.error("its error");
        Deno.exit(7);`),
      { input: "its input" },
    );

    assert.equal(stdout, "201 lab\nits input\n");
    assert.equal(code, 7);
    assert.match(stderr, /its error/);
    assert.match(stderr, /you may start your tests/);
    assert.doesNotMatch(stderr, /failed in the tunnel/);
    assert.ok(!stderr.includes(USER.key), stderr);
    await server.process.event("tunnel ended");
  });

  await t.step("failed requests are listed in the end", async () => {
    const host = `127.0.0.1:${closedPort()}`;

    const { code, stdout, stderr } = await around(
      server,
      script(`for (let at = 0; at < 2; at += 1) {
        ${fetching(`http://${host}/a?token=s3cr3t`)}
      }`),
    );

    assert.equal(code, 0, stderr);
    assert.equal(stdout, "502 lab\n502 lab\n");
    assert.ok(
      stderr.endsWith(
        "sallyport: 2 requests failed in the tunnel\n" +
          `sallyport: 2 × GET ${host}/a [the site] Cannot connect to "${host}": ` +
          "nothing listens there\n",
      ),
      stderr,
    );
    assert.doesNotMatch(stderr, /s3cr3t/);
  });

  await t.step("it gets the usual variables when asked", async () => {
    const print = script(
      `console.log(["HTTP_PROXY", "https_proxy", "NO_PROXY"].map(
         (name) => Deno.env.get(name)).join(" "))`,
    );
    const proxy = `http://${USER.name}%2Blab:${USER.key}@127.0.0.1:` +
      `${server.proxyPort}/`;

    const asked = await around(server, ["--command-proxy", ...print], {
      env: { NO_PROXY: "a.test" },
    });
    const unasked = await around(server, print, {
      env: { NO_PROXY: "a.test" },
    });

    assert.equal(
      asked.stdout,
      `${proxy} ${proxy} a.test,localhost,127.0.0.1,::1\n`,
    );
    assert.equal(unasked.stdout, "  a.test\n");
  });

  await t.step(
    "a command that does not exist is one line and 127",
    async () => {
      const { code, stdout, stderr } = await around(server, [
        "--log-level=error",
        "--",
        "sallyport-no-such-program",
      ]);

      assert.equal(code, 127);
      assert.equal(stdout, "");
      assert.equal(
        stderr,
        'sallyport: Cannot run "sallyport-no-such-program": no such program, ' +
          "check its name and the PATH\n",
      );
    },
  );

  await t.step("it does not start when the tunnel does not", async () => {
    await using folder = await temporaryDirectory();
    const file = join(folder.path, "started");

    const { code, stdout, stderr } = await around(
      server,
      script(`Deno.writeTextFileSync(${JSON.stringify(file)}, "")`),
      { env: { SALLYPORT_ACCESS_KEY: "wrong" } },
    );

    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^sallyport: Cannot log in: /m);
    await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
  });
});

Deno.test(
  "the command gets the signals, and the exit code says how it ended",
  SIGNALS,
  async (t) => {
    await using server = await startServerProgram();

    /** Runs a script that connects when it is ready, then sends a signal to the program. */
    async function signalled(prepare: string): Promise<Exit> {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      await using program = startProgram([
        ...clientArgs(server),
        ...script(`${prepare}
        const conn = await Deno.connect({ port: ${listener.addr.port} });
        await conn.read(new Uint8Array(1));`),
      ], { env: CLIENT_ENV });
      using _conn = await within(listener.accept(), "the command", 60_000);
      program.signal("SIGTERM");
      return await program.exit();
    }

    await t.step("one that handles it ends as it wants", async () => {
      const { code } = await signalled(
        `Deno.addSignalListener("SIGTERM", () => Deno.exit(5));`,
      );

      assert.equal(code, 5);
      await server.process.event("tunnel ended");
    });

    await t.step("one that does not is 128 and the signal", async () => {
      const { code } = await signalled("");

      assert.equal(code, 143);
    });
  },
);

Deno.test(
  "a signal before the tunnel is ready counts as a failure",
  SIGNALS,
  async () => {
    const connected = Promise.withResolvers<void>();
    await using silent = new TcpServer(async (conn) => {
      connected.resolve();
      while (await conn.read(new Uint8Array(1024)) !== null);
    });
    await using program = startProgram([
      "run",
      `--server=https://127.0.0.1:${silent.port}`,
      `--username=${USER.name}`,
      "--tunnel-name=lab",
      ...script("console.log('started')"),
    ], { env: CLIENT_ENV });
    await within(connected.promise, "the client", 60_000);

    program.signal("SIGINT");
    const { code, stdout } = await program.exit();

    assert.equal(code, 130);
    assert.equal(stdout, "");
  },
);
