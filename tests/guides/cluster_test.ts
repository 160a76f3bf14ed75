/**
 * The commands of the guides for a cluster. There is no cluster here: what they
 * name must be what the chart, its values and the guide have.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { PROJECT, read } from "../documents.ts";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";
import { type Block, blocksOf, guide } from "./blocks.ts";

const CHART = ".github/deploy/chart";
const SH = { ignore: needs("sh").ignore };

/** The words of each command that the shell would start, its name first. */
async function wordsIn({ text }: Block): Promise<readonly string[][]> {
  const shim = (name: string) =>
    `${name}() { printf '%s\\037' ${name} "$@"; printf '\\036'; }\n`;
  const script = `KEY=k3y\n${shim("kubectl")}${shim("helm")}${text}`;
  const { code, stdout, stderr } = await run("sh", ["-euc", script]);
  assert.equal(code, 0, stderr);
  return stdout.split("\x1e").slice(0, -1)
    .map((words) => words.split("\x1f").slice(0, -1));
}

/** Name → keys, of each Secret that a block makes. */
function secretsOf(
  commands: readonly string[][],
): ReadonlyMap<string, readonly string[]> {
  const made = commands.filter(([program]) => program === "kubectl");
  return new Map(made.map((words) => {
    const [, create, secret, kind, name = "", ...rest] = words;
    assert.deepEqual([create, secret, kind], ["create", "secret", "generic"]);
    const keys: string[] = [];
    for (let at = 0; at < rest.length; at += 2) {
      assert.equal(rest[at], "--from-literal");
      const [key = "", value = ""] = (rest[at + 1] ?? "").split("=");
      assert.ok(value.includes("k3y") || value === "jane", value);
      keys.push(key);
    }
    return [name, keys];
  }));
}

const VALUES = z.object({
  server: z.object({ usersSecret: z.string().optional() }).optional(),
  client: z.object({ credentialsSecret: z.string().optional() }).optional(),
});

/** The values that the guide shows under this file name. */
function valuesAfter(
  blocks: readonly Block[],
  file: string,
): z.infer<typeof VALUES> {
  const block = blocks.find(({ language, before }) =>
    language === "yaml" && before.trim().endsWith(`\`${file}\`:`)
  );
  assert.ok(block, `the guide does not show ${file}`);
  return VALUES.parse(parse(block.text));
}

/** The keys of Secrets that a template reads. */
async function keysRead(template: string): Promise<readonly string[]> {
  const text = await read(`${CHART}/templates/${template}`);
  return Array.from(
    text.matchAll(/secretKeyRef: \{ name: [^}]*\}\}, key: ([\w-]+) \}/g),
    ([, key = ""]) => key,
  );
}

Deno.test(
  "commands for Kubernetes name Secrets, files and releases that fit together",
  SH,
  async () => {
    const blocks = await blocksOf(guide("containers"));
    const forCluster = blocks.filter(({ language, text }) =>
      language === "sh" && text.includes("helm install")
    );
    assert.equal(forCluster.length, 2);
    const releases: string[] = [];
    for (const block of forCluster) {
      const commands = await wordsIn(block);
      const secrets = secretsOf(commands);
      for (const [program, ...words] of commands) {
        if (program !== "helm") continue;
        const [verb, release = "", ...rest] = words;
        if (verb === "test") {
          assert.ok(releases.includes(release), release);
          assert.ok(existsSync(join(PROJECT, CHART, "templates/tests")));
          continue;
        }
        const [chart, flag, file = ""] = rest;
        assert.deepEqual([verb, chart, flag], ["install", CHART, "--values"]);
        releases.push(release);
        const { server, client } = valuesAfter(blocks, file);
        const [secret = "", template] = server?.usersSecret === undefined
          ? [client?.credentialsSecret, "client/deployment.yaml"]
          : [server.usersSecret, "server/deployment.yaml"];
        assert.deepEqual(secrets.get(secret), await keysRead(template));
      }
    }
    assert.deepEqual(releases, ["lab", "tunnel"]);
  },
);
