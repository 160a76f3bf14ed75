import assert from "node:assert/strict";
import { join } from "node:path";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";
import { debianPackage } from "./debian_package.ts";

const VERSION = "1.2.3";

/** A package with a program that only says its arguments. */
async function withPackage(
  test: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const binary = join(folder, "program");
    await Deno.writeTextFile(binary, '#!/bin/sh\necho "$@"\n');
    const path = await debianPackage({
      ...{ binary, version: VERSION, architecture: "amd64", folder },
    });
    await test(path, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the Debian package is installed, upgraded and removed again", {
  ignore: needs("dpkg").ignore,
}, async () => {
  await withPackage(async (path, folder) => {
    const root = join(folder, "root");
    for (const each of ["info", "updates"]) {
      await Deno.mkdir(join(root, "var/lib/dpkg", each), { recursive: true });
    }
    await Deno.writeTextFile(join(root, "var/lib/dpkg/status"), "");
    const dpkg = (...args: readonly string[]) =>
      run("dpkg", [
        `--root=${root}`,
        "--force-depends,architecture,not-root,script-chrootless",
        `--log=${join(folder, "log")}`,
        ...args,
      ]);
    const installed = join(root, "usr/bin/sallyport");

    for (const _ of ["installation", "upgrade"]) {
      const { code, stderr } = await dpkg("--install", path);
      assert.equal(code, 0, stderr);
    }

    const { stdout } = await run(installed, ["version"]);
    assert.equal(stdout, "version\n");
    assert.equal(((await Deno.stat(installed)).mode ?? 0) & 0o777, 0o755);
    const etc = join(root, "etc/sallyport");
    assert.equal(((await Deno.stat(etc)).mode ?? 0) & 0o777, 0o750);
    const units = join(root, "usr/lib/systemd/system");
    const client = join(units, "sallyport-client@.service");
    assert.match(
      await Deno.readTextFile(client),
      /^ExecStart=\/usr\/bin\/sallyport run --config-file \/etc\/sallyport\/%i\.yaml$/m,
    );
    assert.match(
      await Deno.readTextFile(join(root, "usr/lib/sysusers.d/sallyport.conf")),
      /^u sallyport /m,
    );

    await Deno.writeTextFile(join(etc, "server.yaml"), "log-level: debug\n");
    const { code, stderr } = await dpkg("--purge", "sallyport");
    assert.equal(code, 0, stderr);
    await assert.rejects(Deno.stat(installed), Deno.errors.NotFound);
    assert.equal(
      await Deno.readTextFile(join(etc, "server.yaml")),
      "log-level: debug\n",
    );
  });
});

Deno.test("the Debian package says what it needs", {
  ignore: needs("dpkg").ignore,
}, async () => {
  await withPackage(async (path) => {
    const { stdout } = await run("/usr/bin/dpkg-deb", ["--field", path]);

    assert.match(stdout, /^Version: 1\.2\.3$/m);
    assert.match(stdout, /^Architecture: amd64$/m);
    assert.match(stdout, /^Depends: libc6 \(>= 2\.27\)/m);
  });
});

Deno.test("a package for an unknown processor is refused", async () => {
  await assert.rejects(
    debianPackage({
      ...{ binary: "x", version: VERSION, architecture: "x86", folder: "." },
    }),
    /expected amd64 or arm64/,
  );
});
