import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { ClientError } from "../../../src/client/errors.ts";
import { type Outcome, sallyport } from "../harness.ts";

/** A home directory with a program and two configuration files. */
interface Home extends AsyncDisposable {
  readonly path: string;
  readonly program: string;
  readonly unit: string;
  service(...args: readonly string[]): Promise<Outcome>;
}

async function temporaryHome(): Promise<Home> {
  const path = await Deno.makeTempDir();
  const config = join(path, ".config", "sallyport");
  const program = join(path, "sallyport");
  await Deno.mkdir(config, { recursive: true });
  await Deno.writeTextFile(program, "");
  await Deno.writeTextFile(join(config, "server.yaml"), "log-level: debug\n");
  await Deno.writeTextFile(
    join(config, "nightly.yaml"),
    "server: https://lab.example\nusername: jane\naccess-key: secret\ntunnel-name: lab\n",
  );
  return {
    path,
    program,
    unit: join(path, ".config/systemd/user/sallyport-server.service"),
    service: (...args) =>
      sallyport(["service", ...args, "--user", "--manager=systemd"], {
        variables: { HOME: path },
      }),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Elsewhere another manager is that of the system. */
const LINUX = { ignore: Deno.build.os !== "linux" };

Deno.test(
  "an installed service is there until it is uninstalled",
  LINUX,
  async () => {
    await using home = await temporaryHome();
    const program = `--program=${home.program}`;

    const before = await home.service("status", "server");
    const installed = await home.service("install", "server", program);
    const text = await Deno.readTextFile(home.unit);
    const after = await home.service("status", "server");
    const uninstalled = await home.service("uninstall", "server");
    const again = await home.service("uninstall", "server");

    assert.equal(before.code, 1);
    assert.match(before.stderr, /sallyport-server is not installed/);
    assert.deepEqual(installed, {
      code: 0,
      stdout: `wrote ${home.unit}\n\n` +
        "Start it now, and with the machine:\n\n" +
        "  systemctl --user daemon-reload\n" +
        "  systemctl --user enable --now sallyport-server.service\n",
      stderr: "",
    });
    assert.ok(text.includes(`ExecStart=${home.program} server --config-file `));
    assert.equal(after.code, 0);
    assert.match(after.stdout, /does not start with the machine/);
    assert.equal(uninstalled.code, 0);
    assert.match(uninstalled.stdout, /disable --now sallyport-server.service/);
    await assert.rejects(Deno.stat(home.unit), Deno.errors.NotFound);
    assert.equal(again.code, 1);
  },
);

Deno.test(
  "a service that is enabled is said to start with the machine",
  LINUX,
  async () => {
    await using home = await temporaryHome();
    await home.service("install", "server", `--program=${home.program}`);
    const link = join(
      dirname(home.unit),
      "default.target.wants/sallyport-server.service",
    );
    await Deno.mkdir(dirname(link));
    await Deno.symlink(home.unit, link);

    const { stdout } = await home.service("status", "server");

    assert.match(stdout, /it starts with the machine/);
  },
);

Deno.test("each client is a service of its own", LINUX, async () => {
  await using home = await temporaryHome();

  const { code } = await home.service(
    "install",
    "client",
    "nightly",
    `--program=${home.program}`,
  );

  assert.equal(code, 0);
  const path = home.unit.replace("server", "client-nightly");
  assert.match(await Deno.readTextFile(path), /nightly\.yaml$/m);
});

Deno.test(
  "an installation with other settings changes nothing without --replace",
  LINUX,
  async () => {
    await using home = await temporaryHome();
    const install = (...more: readonly string[]) =>
      home.service("install", "server", `--program=${home.program}`, ...more);
    await install();
    const before = await Deno.readTextFile(home.unit);
    const other = `--data-dir=${join(home.path, "other")}`;

    const same = await install();
    const refused = await install(other);
    const unchanged = await Deno.readTextFile(home.unit);
    const replaced = await install(other, "--replace");

    assert.match(same.stdout, /is installed already/);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /exists with other settings, use --replace/);
    assert.equal(unchanged, before);
    assert.equal(replaced.code, 0);
    assert.match(await Deno.readTextFile(home.unit), /other/);
  },
);

Deno.test(
  "a unit that somebody else wrote is neither changed nor removed",
  LINUX,
  async () => {
    await using home = await temporaryHome();
    await Deno.mkdir(dirname(home.unit), { recursive: true });
    await Deno.writeTextFile(home.unit, "[Unit]\n");

    for (
      const args of [
        ["install", "server", "--replace", `--program=${home.program}`],
        ["uninstall", "server"],
      ]
    ) {
      const { code, stderr } = await home.service(...args);

      assert.equal(code, 1);
      assert.match(stderr, /was not made by "sallyport service install"/);
      assert.equal(await Deno.readTextFile(home.unit), "[Unit]\n");
    }
  },
);

Deno.test(
  "all mistakes of a configuration are named, and no file is written",
  LINUX,
  async () => {
    await using home = await temporaryHome();
    const file = join(home.path, "wrong.yaml");
    await Deno.writeTextFile(file, "log-level: loud\nadress: :80\n");

    const { code, stderr } = await home.service(
      "install",
      "server",
      `--program=${home.program}`,
      `--config-file=${file}`,
    );

    assert.equal(code, 1);
    assert.equal(stderr.trim().split("\n").length, 2);
    assert.match(stderr, /loud/);
    assert.match(stderr, /adress/);
    await assert.rejects(Deno.stat(home.unit), Deno.errors.NotFound);
  },
);

Deno.test(
  "a folder that cannot be made is named with what to do",
  LINUX,
  async () => {
    await using home = await temporaryHome();
    await Deno.writeTextFile(join(home.path, ".config", "systemd"), "");

    const { code, stderr } = await home.service(
      "install",
      "server",
      `--program=${home.program}`,
    );

    assert.equal(code, 1);
    assert.match(stderr, /a part of its path is a file/);
  },
);

const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["no subcommand", [], /the subcommand is missing/],
  ["an unknown one", ["instal"], /did you mean "install"/],
  ["no kind", ["install"], /what it runs is missing/],
  ["a client without a name", ["install", "client"], /the name of the client/],
  ["a server with a name", ["install", "server", "x"], /"x": unexpected/],
  ["two names", ["install", "client", "x", "y"], /"y": unexpected/],
  ["a name that is a path", ["install", "client", "../x"], /Cannot name/],
  [
    "a name that is too long",
    ["status", "client", "x".repeat(65)],
    /64 at most/,
  ],
  [
    "a program that is missing",
    ["install", "server", "--program=/none/sallyport"],
    /there is no program "\/none\/sallyport"/,
  ],
  [
    "a path without its beginning",
    ["install", "server", "--config-file=server.yaml"],
    /give the whole path/,
  ],
  [
    "a line break in a path",
    ["install", "server", "--data-dir=/a\nExecStart=/bin/sh"],
    /give the whole path/,
  ],
  [
    "a client without a configuration",
    ["install", "client", "weekly", `--program=${Deno.execPath()}`],
    /sallyport run config-file/,
  ],
];

for (const [what, args, message] of MISTAKES) {
  Deno.test(`${what} is refused by "service"`, LINUX, async () => {
    await using home = await temporaryHome();

    const { code, stderr, stdout } = await home.service(...args);

    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, message);
  });
}

Deno.test("services of another system are only printed", LINUX, async () => {
  const args = ["service", "install", "server", "--manager=winsw"];

  const printed = await sallyport([...args, "--print"]);
  const refused = await sallyport(args);

  assert.match(printed.stdout, /<executable>C:\\Program Files/);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /on this system: use --print/);
});

Deno.test("a service of macOS needs an account or --user", async () => {
  const { code, stderr } = await sallyport([
    ...["service", "install", "server", "--manager=launchd", "--print"],
  ]);

  assert.equal(code, 1);
  assert.match(stderr, /use --account or --user/);
});

const ENDS = [
  ["replaced", 0],
  ["unauthorized", 0],
  ["unreachable", 2],
] as const;

for (const [end, expected] of ENDS) {
  Deno.test(`"service exec" of a client that is ${end} ends with code ${expected}`, async () => {
    const { code, stderr } = await sallyport([
      ...["service", "exec", "run", "--server=https://lab.example"],
      ...["--username=jane", "--access-key=secret", "--tunnel-name=lab"],
    ], {
      services: {
        startClient: () => Promise.reject(new ClientError(end, "Cannot go on")),
      },
    });

    assert.equal(code, expected);
    assert.match(stderr, /Cannot go on/);
  });
}

Deno.test('"service exec" tells all mistakes and forbids a restart', async () => {
  const { code, stderr } = await sallyport([
    ...["service", "exec", "server", "--log-level=loud", "--address=x:y"],
  ]);

  assert.equal(code, 0);
  assert.equal(stderr.trim().split("\n").length, 2);
});
