/**
 * Containers as `.github/deploy/Dockerfile` makes them, without a registry.
 *
 * The root file system is made by the same script. The compiled program needs a
 * runtime that is a download of its own; here it is `deno` with the sources and
 * their packages, which lie in folders of their own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { needs } from "../testing/needs.ts";
import { type Exit, run, TestProcess } from "../testing/process.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const DOCKERFILE = join(PROJECT, ".github/deploy/Dockerfile");

/** What the tests of containers need. Others than root may not start them everywhere. */
export const CONTAINERS: { readonly ignore: boolean } = {
  ignore: needs("podman", "runc", "sh").ignore ||
    Deno.build.os !== "linux" || Deno.uid() !== 0,
};

/** What the image consists of beside its root file system. */
interface Image {
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: string;
  readonly healthcheck: readonly string[];
}

/** The settings of the image, out of its recipe. */
export async function readImage(): Promise<Image> {
  const text = (await Deno.readTextFile(DOCKERFILE)).replaceAll("\\\n", " ");
  const [, last = ""] = text.split("\nFROM scratch\n");
  const lines = (word: string) =>
    Array.from(
      last.matchAll(new RegExp(`^(?:HEALTHCHECK .*)?${word} +(.+)$`, "gm")),
      ([, rest = ""]) => rest.trim(),
    );
  const pairs = lines("ENV").flatMap((line) => line.split(/ +/));
  const [entrypoint] = parse(lines("ENTRYPOINT").at(-1) ?? "");
  const [healthcheck] = lines("CMD").map((line) => parse(line));
  return {
    env: Object.fromEntries(pairs.map((pair) => pair.split("=", 2))),
    user: lines("USER").at(-1) ?? "",
    entrypoint,
    healthcheck,
  };
}

/** Milliseconds that the engine may take, on a machine that does much else. */
const PATIENCE = 60_000;
/** What stands for the compiled program in the root of a test. */
const PROGRAM = [
  ...["/usr/bin/deno", "run", "-q", "-P", "--no-prompt", "--cached-only"],
  "/usr/lib/sallyport/main.ts",
] as const;
/** The parts of the project that the compiled program contains. */
const EMBEDDED = [
  "main.ts",
  "mod.ts",
  "deno.json",
  "deno.lock",
  "src",
  "plugins",
];
/** Containers that are tried where no systemd is, and where limits cannot be raised. */
const HERE = [
  ...["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"],
  ...["--log-driver", "none"],
  // Without /dev/shm, which would be a mount in the folder of the test.
  ...["--ipc", "none"],
] as const;

/** Where a container is, and what it has. */
export interface ContainerOptions {
  /** Its arguments: `CMD` of the image. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folders and files of this machine, by their path in the container. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** `host`, `none`, or another container; default `none`: loopback of its own. */
  readonly network?: "host" | "none" | Container;
  /** Names that lead to loopback; `none` for a system without `/etc/hosts`. */
  readonly hosts?: readonly string[] | "none";
}

/** A running container. */
export interface Container extends AsyncDisposable {
  readonly name: string;
  readonly process: TestProcess;
  /** Runs a command of the image in it. */
  exec(command: readonly string[]): Promise<Exit>;
  /** A file of `/proc` about its first process. */
  proc(name: string): Promise<string>;
}

/** An engine without images: it starts containers from one root file system. */
export class Engine implements AsyncDisposable {
  readonly #folder: string;
  readonly #image: Image;
  readonly #denoDir: string;
  readonly #owner: number;
  #count = 0;

  private constructor(folder: string, image: Image, denoDir: string) {
    this.#folder = folder;
    this.#image = image;
    this.#denoDir = denoDir;
    this.#owner = Number(image.user.split(":")[0]);
  }

  /** Makes the root file system of the image. */
  static async start(): Promise<Engine> {
    const folder = await Deno.makeTempDir({ prefix: "sallyport-test-" });
    const root = join(folder, "root");
    const made = await run("sh", [
      join(PROJECT, ".github/deploy/root.sh"),
      root,
    ]);
    assert.equal(made.code, 0, made.stderr);
    await Deno.copyFile(Deno.execPath(), join(root, "usr/bin/deno"));
    const { stdout } = await run(Deno.execPath(), ["info", "--json"]);
    const engine = new Engine(
      folder,
      await readImage(),
      JSON.parse(stdout).denoDir,
    );
    await Deno.mkdir(join(folder, "volumes"));
    return engine;
  }

  /** An empty volume that belongs to the image's user. */
  async volume(name: string): Promise<string> {
    const path = join(this.#folder, "volumes", name);
    await Deno.mkdir(path, { mode: 0o700 });
    await Deno.chown(path, this.#owner, this.#owner);
    return path;
  }

  /** Starts a container: read-only, without capabilities, as the image's user. */
  start(
    { args, env = {}, mounts = {}, network = "none", hosts = [] }:
      ContainerOptions,
  ): Container {
    const name = `c${++this.#count}`;
    const volumes = {
      ...Object.fromEntries(
        EMBEDDED.map((path) => [
          `/usr/lib/sallyport/${path}`,
          `${join(PROJECT, path)}:ro`,
        ]),
      ),
      "/var/cache/deno": `${this.#denoDir}:ro`,
      ...hosts !== "none" && { "/etc/hosts": `${this.#hostsFile(hosts)}:ro` },
      ...mounts,
    };
    const variables = {
      ...this.#image.env,
      DENO_DIR: "/var/cache/deno",
      ...env,
    };
    const process = new TestProcess("podman", [
      ...this.#global(),
      ...["run", "--name", name, ...HERE],
      ...["--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp"],
      ...hosts === "none" ? ["--no-hosts"] : [],
      ...["--cap-drop", "all", "--security-opt", "no-new-privileges"],
      ...["--user", this.#image.user],
      ...[
        "--network",
        typeof network === "string" ? network : `container:${network.name}`,
      ],
      ...Object.entries(variables).flatMap((pair) => ["-e", pair.join("=")]),
      ...Object.entries(volumes).flatMap(([to, from]) => [
        "-v",
        from.endsWith(":ro")
          ? `${from.slice(0, -3)}:${to}:ro`
          : `${from}:${to}`,
      ]),
      ...["--rootfs", join(this.#folder, "root")],
      ...PROGRAM,
      ...args,
    ]);
    return {
      name,
      process,
      exec: (command) => this.#exec(name, command),
      proc: (file) => this.#proc(name, file),
      [Symbol.asyncDispose]: async () => {
        await this.#podman(["rm", "--force", "--time", "0", name]);
        await process[Symbol.asyncDispose]();
      },
    };
  }

  #hostsFile(names: readonly string[]): string {
    const path = join(this.#folder, `hosts-${this.#count}`);
    const line = ["127.0.0.1", "localhost", ...names].join(" ");
    Deno.writeTextFileSync(path, `${line}\n`);
    return path;
  }

  async #exec(name: string, command: readonly string[]): Promise<Exit> {
    const [program, ...args] = command;
    const words = program === this.#image.entrypoint
      ? PROGRAM
      : [program ?? ""];
    return await this.#podman(["exec", name, ...words, ...args]);
  }

  async #proc(name: string, file: string): Promise<string> {
    const pid = await this.#podman([
      ...["inspect", "--format", "{{.State.Pid}}"],
      name,
    ]);
    const { stdout } = await run("cat", [`/proc/${pid.stdout.trim()}/${file}`]);
    return stdout;
  }

  async #podman(args: readonly string[]): Promise<Exit> {
    return await run("podman", [...this.#global(), ...args], {
      ms: PATIENCE,
    });
  }

  /** Nothing of it stays on the machine. */
  #global(): readonly string[] {
    return [
      ...["--runtime", "runc", "--cgroup-manager", "cgroupfs"],
      // The other drivers leave a mount behind.
      ...["--storage-driver", "vfs"],
      ...["--root", join(this.#folder, "storage")],
      ...["--runroot", join(this.#folder, "run")],
      ...["--tmpdir", join(this.#folder, "tmp")],
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#podman(["rm", "--force", "--all", "--time", "0"]);
    await Deno.remove(this.#folder, { recursive: true });
  }
}
