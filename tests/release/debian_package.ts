/**
 * `deno task deb BINARY VERSION ARCHITECTURE FOLDER`: a Debian package with the
 * program, its services and completions. Needs `dpkg-deb`.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { SCRIPTS } from "../../src/cli/completion/scripts.ts";
import { run } from "../testing/process.ts";
import type { ServiceSpec } from "../../src/cli/service/service_spec.ts";
import {
  accountFile,
  ANY_CLIENT,
  unit,
} from "../../src/cli/service/systemd.ts";

const PROJECT = join(import.meta.dirname ?? ".", "..", "..");

/** Debian's names of processors. */
const ARCHITECTURES = ["amd64", "arm64"];

const COMMON = {
  program: "/usr/bin/sallyport",
  isPersonal: false,
  account: "sallyport",
} as const;

const SERVER: ServiceSpec = {
  ...COMMON,
  kind: "server",
  instance: "",
  configFile: "/etc/sallyport/server.yaml",
  dataDir: "/var/lib/sallyport",
};

const CLIENT: ServiceSpec = {
  ...COMMON,
  kind: "client",
  instance: ANY_CLIENT,
  configFile: `/etc/sallyport/${ANY_CLIENT}.yaml`,
  dataDir: undefined,
};

/** What the package is about. */
export interface PackageOptions {
  /** The compiled program. */
  readonly binary: string;
  /** The version, such as `0.1.0`. */
  readonly version: string;
  /** `amd64` or `arm64`. */
  readonly architecture: string;
  /** Where the package is written. */
  readonly folder: string;
}

/**
 * Makes the package.
 *
 * @returns Its path.
 * @throws {Error} If an option is wrong, or `dpkg-deb` fails.
 */
export async function debianPackage(options: PackageOptions): Promise<string> {
  const { binary, version, architecture, folder } = options;
  if (!ARCHITECTURES.includes(architecture)) {
    throw new Error(
      `Cannot package for "${architecture}": expected amd64 or arm64`,
    );
  }
  const tree = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(await textFiles(options))) {
      await write(join(tree, path), text);
    }
    await write(join(tree, "usr/bin/sallyport"), "");
    await Deno.copyFile(binary, join(tree, "usr/bin/sallyport"));
    for (
      const path of [
        "usr/bin/sallyport",
        "DEBIAN/postinst",
        "DEBIAN/prerm",
        "DEBIAN/postrm",
      ]
    ) {
      await Deno.chmod(join(tree, path), 0o755);
    }
    const target = join(folder, `sallyport_${version}_${architecture}.deb`);
    const { code, stderr } = await run(
      "/usr/bin/dpkg-deb",
      ["--root-owner-group", "--build", tree, target],
    );
    if (code !== 0) throw new Error(stderr.trim());
    return target;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await Deno.writeTextFile(path, text, { mode: 0o644 });
}

async function textFiles(
  { binary, version, architecture }: PackageOptions,
): Promise<Record<string, string>> {
  const { size } = await Deno.stat(binary);
  const licence = await Deno.readTextFile(join(PROJECT, "LICENSE"));
  return {
    "DEBIAN/control": control(version, architecture, size),
    "DEBIAN/postinst": POSTINST,
    "DEBIAN/prerm": PRERM,
    "DEBIAN/postrm": POSTRM,
    "usr/lib/sysusers.d/sallyport.conf": accountFile(SERVER).text,
    "usr/lib/systemd/system/sallyport-server.service": unit(SERVER),
    "usr/lib/systemd/system/sallyport-client@.service": unit(CLIENT),
    "usr/share/bash-completion/completions/sallyport": SCRIPTS.bash,
    "usr/share/fish/vendor_completions.d/sallyport.fish": SCRIPTS.fish,
    "usr/share/zsh/vendor-completions/_sallyport": SCRIPTS.zsh,
    "usr/share/doc/sallyport/copyright": licence,
  };
}

/** The program brings all else: it needs the C library and libgcc. */
function control(version: string, architecture: string, size: number): string {
  return [
    "Package: sallyport",
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    "Maintainer: Sallyport maintainers <maintainers@sallyport.invalid>",
    "Section: net",
    "Priority: optional",
    "Depends: libc6 (>= 2.27), libgcc-s1 | libgcc1, ca-certificates",
    "Recommends: systemd",
    `Installed-Size: ${Math.ceil(size / 1024)}`,
    "Description: tunnel that lets browsers in a test lab open intranet sites",
    " Server and client of a tunnel for browser tests. The client dials out of",
    " the private network. Browsers in the lab use the server as their proxy.",
    "",
  ].join("\n");
}

/** The first installation starts nothing: there is no configuration yet. An upgrade restarts what runs. */
const POSTINST = `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  install -d -m 0750 "$DPKG_ROOT/etc/sallyport"
  if [ -z "$DPKG_ROOT" ] && command -v systemd-sysusers >/dev/null; then
    systemd-sysusers sallyport.conf
    chgrp sallyport /etc/sallyport
  fi
  if [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then
    systemctl daemon-reload
    systemctl try-restart 'sallyport-server.service' 'sallyport-client@*.service' || true
  fi
fi
`;

/** Clients let their jobs finish, so an upgrade stops nothing before the new program is there. */
const PRERM = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then
  systemctl stop 'sallyport-client@*.service' 'sallyport-server.service' || true
fi
`;

/** Data, configuration and account stay: they may be needed again. */
const POSTRM = `#!/bin/sh
set -e
if [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then
  systemctl daemon-reload
fi
`;

if (import.meta.main) {
  const [binary = "", version = "", architecture = "", folder = "dist"] =
    Deno.args;
  const made = await debianPackage({ binary, version, architecture, folder });
  // deno-lint-ignore no-console -- a program for the terminal
  console.log(made);
}
