/**
 * Promise: the services of `.github/deploy/compose.yaml` that are ours start
 * with the commands, variables and checks that stand there.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import * as z from "zod";
import { validateOptions } from "../../src/config/load.ts";
import { CLIENT_FIELDS } from "../../src/config/options/client_config.ts";
import { SERVER_FIELDS } from "../../src/config/options/server_config.ts";
import { readEnvironment } from "../../src/config/sources/environment.ts";
import { run } from "../testing/process.ts";
import { CONTAINERS, Engine, readImage } from "./containers.ts";
import { needs } from "../testing/needs.ts";

const FOLDER = fileURLToPath(new URL("../../.github/deploy/", import.meta.url));
const KEY = "k3y-of-compose";
/** Milliseconds that a container may take until its program says something. */
const STARTS_WITHIN = 60_000;

const SERVICE = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  networks: z.union([
    z.array(z.string()),
    z.record(z.string(), z.unknown()).transform(Object.keys),
  ]).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  tmpfs: z.array(z.string()).optional(),
}).loose();

/** The services, with the variable that people set. */
async function services(): Promise<Record<string, z.infer<typeof SERVICE>>> {
  const text = (await Deno.readTextFile(`${FOLDER}compose.yaml`))
    .replaceAll(/\$\{SALLYPORT_ACCESS_KEY:\?[^}]+\}/g, KEY)
    .replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
  assert.doesNotMatch(text, /^[^#\n]*\$\{/m);
  const file: { services: unknown } = parse(text, { merge: true });
  return z.record(z.string(), SERVICE).parse(file.services);
}

function named(
  all: Record<string, z.infer<typeof SERVICE>>,
  name: string,
): z.infer<typeof SERVICE> {
  const found = all[name];
  assert.ok(found, name);
  return found;
}

Deno.test("services of ours are read-only, without capabilities, and have valid options", async () => {
  const all = await services();

  for (
    const [name, fields] of [
      ["server", SERVER_FIELDS],
      ["client", CLIENT_FIELDS],
    ] as const
  ) {
    const service = named(all, name);
    const { read_only, cap_drop, security_opt, tmpfs } = service;
    assert.deepEqual({ read_only, cap_drop, security_opt, tmpfs }, {
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      tmpfs: ["/tmp"],
    });
    const values = readEnvironment(
      { ...fields },
      (variable) => service.environment[variable],
    );
    assert.equal(values.size, Object.keys(service.environment).length, name);
    if (name === "server") validateOptions(SERVER_FIELDS, values);
    else validateOptions(CLIENT_FIELDS, values);
  }
});

Deno.test("the browser reaches the site through the tunnel only", async () => {
  const all = await services();
  const networks = (name: string) => named(all, name).networks;

  assert.deepEqual(networks("site"), ["inside"]);
  assert.deepEqual(networks("browser"), ["lab"]);
  assert.deepEqual(networks("server"), ["lab"]);
  assert.deepEqual(networks("client"), ["lab", "inside"]);
  const [folder = ""] = named(all, "site").volumes[0]?.split(":") ?? [];
  assert.ok(existsSync(`${FOLDER}${folder}/index.html`));
});

Deno.test("server, copy of the CA and client run as compose.yaml says", {
  ignore: CONTAINERS.ignore || needs("sh").ignore,
}, async () => {
  const all = await services();
  const { healthcheck } = await readImage();
  await using engine = await Engine.start();
  const volumes: Record<string, string> = {
    data: await engine.volume("data"),
    ca: await engine.volume("ca"),
  };
  const mountsOf = (name: string) =>
    Object.fromEntries(
      named(all, name).volumes.map((volume) => {
        const [from = "", to = "", ...rest] = volume.split(":");
        return [to, [volumes[from], ...rest].join(":")];
      }),
    );
  const hosts = ["server"];
  const common = (name: string) => ({
    hosts,
    args: named(all, name).command ?? ["run"],
    env: {
      ...named(all, name).environment,
      SALLYPORT_LOG_FORMAT: "json",
    },
    mounts: mountsOf(name),
  });

  await using server = engine.start(common("server"));
  await server.process.event("REST API and page", {}, { ms: STARTS_WITHIN });
  const [, ...check] = named(all, "server").healthcheck?.test ?? [];
  const serverHealth = await server.exec(check);
  const copy = (named(all, "ca").command ?? []).map((word) =>
    word.replace(/^\/(data|ca)\//, (_, name) => `${volumes[name]}/`)
  );
  const copied = await run("sh", ["-c", '"$@"', "sh", ...copy]);
  await using client = engine.start({ ...common("client"), network: server });
  await client.process.event("Sallyport is up, you may start your tests", {}, {
    ms: STARTS_WITHIN,
  });
  const clientHealth = await client.exec(healthcheck);

  const healthy = { code: 0, stdout: "ready\n", stderr: "" };
  assert.deepEqual([serverHealth, clientHealth], [healthy, healthy]);
  assert.equal(copied.code, 0, copied.stderr);
});
