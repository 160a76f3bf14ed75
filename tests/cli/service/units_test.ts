/** The files of all service managers, and what systemd says of its own. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { launchd } from "../../../src/cli/service/launchd.ts";
import type { ServiceSpec } from "../../../src/cli/service/service_spec.ts";
import { systemd, unit } from "../../../src/cli/service/systemd.ts";
import { winsw } from "../../../src/cli/service/winsw.ts";
import { needs } from "../../testing/needs.ts";
import { run } from "../../testing/process.ts";

const CLIENT: ServiceSpec = {
  kind: "client",
  instance: "nightly",
  program: "/usr/bin/sallyport",
  configFile: "/etc/sallyport/nightly.yaml",
  dataDir: undefined,
  isPersonal: false,
  account: "sallyport",
};

const SERVER: ServiceSpec = {
  ...CLIENT,
  kind: "server",
  instance: "",
  configFile: "/etc/sallyport/server.yaml",
  dataDir: "/var/lib/sallyport",
};

const MANAGERS = {
  systemd: systemd("/home/jane"),
  launchd: launchd("/Users/jane"),
  winsw: winsw(String.raw`C:\ProgramData\sallyport`),
};

for (const [name, manager] of Object.entries(MANAGERS)) {
  for (const spec of [SERVER, { ...CLIENT, isPersonal: name !== "winsw" }]) {
    Deno.test(`the ${spec.kind} is a service of ${name}`, async (t) => {
      const files = manager.files(spec).map(({ path, text }) =>
        `${path}\n${text}`
      );

      await t.assertSnapshot([
        ...files,
        ...manager.startCommands(spec),
        ...manager.stopCommands(spec),
        manager.statusCommand(spec),
      ].join("\n"));
    });
  }
}

Deno.test("XML keeps what is special in paths", () => {
  const spec = { ...SERVER, configFile: "/a&b/<c>.yaml" };

  for (const manager of [MANAGERS.launchd, MANAGERS.winsw]) {
    const [file] = manager.files(spec);
    assert.ok(file?.text.includes("/a&amp;b/&lt;c&gt;.yaml"));
  }
});

Deno.test("arguments of a Windows service are as a program reads them", () => {
  const dataDir = String.raw`C:\my data\ `.trim();
  const [file] = MANAGERS.winsw.files({ ...SERVER, dataDir });

  assert.ok(file?.text.includes(String.raw`--data-dir "C:\my data\\"`));
});

Deno.test("a unit keeps what is special in paths", () => {
  const dataDir = String.raw`/srv/50% of "$HOME"\x`;

  assert.ok(
    unit({ ...SERVER, dataDir }).includes(
      String.raw` --data-dir "/srv/50%% of \"$$HOME\"\\x"`,
    ),
  );
});

/** The unit of a service in a folder, with a program that exists. */
async function withUnit(
  spec: ServiceSpec,
  test: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const program = join(folder, "my 100% $HOME program");
    await Deno.writeTextFile(program, "#!/bin/sh\n", { mode: 0o755 });
    await Deno.chmod(folder, 0o755);
    const path = join(folder, "sallyport-test.service");
    const text = unit({ ...spec, program })
      // A machine without the account cannot have the unit checked.
      .replace("User=sallyport", "User=root");
    await Deno.writeTextFile(path, text);
    await test(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const spec of [SERVER, CLIENT, { ...CLIENT, isPersonal: true }]) {
  const whose = spec.isPersonal ? "of a person " : "";
  Deno.test(
    `systemd finds no mistake in the unit of a ${spec.kind} ${whose}`.trim(),
    {
      ignore: needs("systemd-analyze").ignore,
    },
    async () => {
      await withUnit(spec, async (path) => {
        const { code, stdout, stderr } = await run("systemd-analyze", [
          "verify",
          ...spec.isPersonal ? ["--user"] : [],
          path,
        ], { env: { XDG_RUNTIME_DIR: dirname(path) } });

        assert.equal(stdout + stderr, "");
        assert.equal(code, 0);
      });
    },
  );
}

for (const spec of [SERVER, CLIENT]) {
  Deno.test(`systemd calls the ${spec.kind} little exposed`, {
    ignore: needs("systemd-analyze").ignore,
  }, async () => {
    await withUnit(spec, async (path) => {
      const analyze = (unitPath: string) =>
        run("systemd-analyze", [
          ...["security", "--offline=true", "--threshold=20", "--no-pager"],
          unitPath,
        ]);
      const bare = `${path.slice(0, -".service".length)}-bare.service`;
      await Deno.writeTextFile(bare, "[Service]\nExecStart=/bin/true\n");

      assert.notEqual((await analyze(bare)).code, 0);
      const { code, stdout } = await analyze(path);
      assert.equal(code, 0, stdout);
    });
  });
}
