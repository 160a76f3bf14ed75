/** The examples of the guide to containers, with the image's root in place of an engine. @module */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import {
  type Container,
  CONTAINERS,
  Engine,
  readImage,
} from "../system/containers.ts";
import { DOCUMENTS, PROJECT, read } from "../documents.ts";
import { exampleOf } from "../testing/guide.ts";
import { CHART } from "./chart.ts";
import { dockerCommands, readDockerRun } from "./docker_words.ts";

const GUIDE = ".github/guides/containers.md";
/** Milliseconds that a container may take until its program says something. */
const STARTS_WITHIN = 60_000;

/** Docker, as far as the guide uses it. The first container has the network of all. */
class Docker {
  readonly containers = new Map<string, Container>();
  readonly volumes = new Map<string, string>();
  readonly #engine: Engine;
  readonly #folder: string;

  /** @param folder Where the commands are run. */
  constructor(engine: Engine, folder: string) {
    this.#engine = engine;
    this.#folder = folder;
  }

  /** @returns Standard output of the command. */
  async play([command, ...words]: readonly string[]): Promise<string> {
    switch (command) {
      case "network":
        return "";
      case "run":
        await this.#run(words);
        return "";
      case "exec": {
        const [name = "", ...rest] = words;
        const { code, stdout, stderr } = await this.#named(name).exec(rest);
        assert.equal(code, 0, stderr);
        return stdout;
      }
      case "cp":
        await this.#copy(words);
        return "";
      default:
        throw new Error(`docker ${command} is not known here`);
    }
  }

  async #run(words: readonly string[]): Promise<void> {
    const { flags, image, args } = readDockerRun(words);
    const of = (flag: string) => flags.get(flag) ?? [];
    assert.equal(image, "sallyport:local");
    assert.ok(flags.has("--read-only"));
    assert.deepEqual([of("--tmpfs"), of("--cap-drop")], [["/tmp"], ["ALL"]]);
    const mounts: Record<string, string> = {};
    for (const volume of of("--volume")) {
      const [from = "", to = "", ...rest] = volume.split(":");
      mounts[to] = [
        from.startsWith(".")
          ? join(this.#folder, from)
          : await this.#volume(from),
        ...rest,
      ].join(":");
    }
    const [network = "none"] = this.containers.values();
    const [name = ""] = of("--name");
    this.containers.set(
      name,
      this.#engine.start({
        args: args.length === 0 ? ["run"] : args,
        env: {
          SALLYPORT_LOG_FORMAT: "json",
          ...Object.fromEntries(of("--env").map((pair) => pair.split("=", 2))),
        },
        mounts,
        network,
        hosts: ["lab.example"],
      }),
    );
  }

  async #copy([from = "", to = ""]: readonly string[]): Promise<void> {
    const [, path = ""] = from.split(":");
    const volume = "/var/lib/sallyport/";
    assert.ok(path.startsWith(volume));
    const data = await this.#volume("lab-data");
    await Deno.copyFile(
      join(data, path.slice(volume.length)),
      join(this.#folder, to),
    );
  }

  async #volume(name: string): Promise<string> {
    const path = this.volumes.get(name) ?? await this.#engine.volume(name);
    this.volumes.set(name, path);
    return path;
  }

  #named(name: string): Container {
    const found = this.containers.get(name);
    assert.ok(found, name);
    return found;
  }

  async untilLogged(name: string, message: string): Promise<void> {
    await this.#named(name).process.event(message, {}, { ms: STARTS_WITHIN });
  }
}

async function commandsOf(
  section: string,
  replacements: Readonly<Record<string, string>> = {},
): Promise<readonly (readonly string[])[]> {
  return await dockerCommands(
    await exampleOf("containers", { section, language: "sh", replacements }),
  );
}

Deno.test(
  "server and client start with the commands of the guide",
  CONTAINERS,
  async () => {
    await using folder = await tempPlugins({ "plugins/none.ts": PLUGIN });
    await Deno.chmod(folder.directory, 0o755);
    await using engine = await Engine.start();
    const docker = new Docker(engine, folder.directory);
    let key = "";
    for (const words of await commandsOf("A server")) {
      const output = await docker.play(words);
      if (words[0] === "run") {
        await docker.untilLogged("sallyport-server", "REST API and page");
      }
      if (words.includes("add")) key = output.trim();
      if (words.includes("ready")) assert.equal(output, "ready\n");
    }
    for (
      const words of await commandsOf("A client", {
        "SALLYPORT_ACCESS_KEY=...": `SALLYPORT_ACCESS_KEY=${key}`,
        "--env SALLYPORT_ACCESS_KEY ": `--env SALLYPORT_ACCESS_KEY=${key} `,
      })
    ) {
      const output = await docker.play(words);
      if (words[0] === "run") {
        await docker.untilLogged(
          "sallyport-client",
          "Sallyport is up, you may start your tests",
        );
      }
      if (words.includes("ready")) assert.equal(output, "ready\n");
    }
    for (const container of [...docker.containers.values()].reverse()) {
      await container[Symbol.asyncDispose]();
    }
  },
);

const PLUGIN = "export default {};\n";

Deno.test("the guide says of the image what its recipe says", async () => {
  const text = await read(GUIDE);
  const { env } = await readImage();

  for (const [name, value] of Object.entries(env)) {
    assert.ok(text.includes(`\`${name}=${value}\``), name);
  }
});

Deno.test("files that documents give to docker and helm exist", async () => {
  for (const document of DOCUMENTS) {
    const files = (await read(document))
      .matchAll(/(?:--file |helm install \S+ )(\.github\/\S+)/g);
    for (const [, file = ""] of files) {
      assert.ok(existsSync(join(PROJECT, file)), `${document}: ${file}`);
    }
  }
});

Deno.test("values in the guide are valid for the chart", async () => {
  const validate = new Ajv().compile(
    JSON.parse(await Deno.readTextFile(join(CHART, "values.schema.json"))),
  );
  const [, section = ""] = (await read(GUIDE)).split("\n## Kubernetes\n");
  const [chart = ""] = section.split("\n## ");
  const blocks = Array.from(
    chart.matchAll(/```yaml\n(.*?)```/gs),
    ([, yaml = ""]) => parse(yaml),
  );

  assert.equal(blocks.length, 2);
  for (const values of blocks) {
    assert.ok(validate(values), JSON.stringify(validate.errors));
  }
});
