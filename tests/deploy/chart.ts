/**
 * The Helm chart, what it is rendered with, and what it is rendered to.
 *
 * Helm is not on the machines of every day: it takes minutes to build. So what
 * it renders stands in `rendered/`, with the hash of the chart. Tests of every
 * day read these files; those of the night render them again.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { run } from "../testing/process.ts";

/** The folder of the chart. */
export const CHART: string = fileURLToPath(
  new URL("../../.github/deploy/chart/", import.meta.url),
);

/** What the chart is rendered with: files of `ci/`. */
export const VALUE_SETS = [
  "default",
  "server",
  "ingress",
  "client",
  "both",
] as const;

/** One of them. */
export type ValueSet = typeof VALUE_SETS[number];

/** The version of Kubernetes that it is rendered for. */
export const KUBERNETES = "1.30.0";

/** The path of the values of a set. */
export function valuesFile(set: ValueSet): string {
  return join(CHART, "ci", `${set}-values.yaml`);
}

/** The path of what a set is rendered to. */
export function renderedFile(set: ValueSet): string {
  return fileURLToPath(new URL(`rendered/${set}.yaml`, import.meta.url));
}

/** The hash of all files of the chart, in hexadecimal. */
export async function chartHash(): Promise<string> {
  let all = "";
  for (const path of (await filesBelow(CHART)).toSorted()) {
    const text = await Deno.readTextFile(join(CHART, path));
    all += `${path} ${text.length}\n${text}`;
  }
  const bytes = new TextEncoder().encode(all);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The paths of all files below a folder, from there. */
async function filesBelow(
  folder: string,
  inner = "",
): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(join(folder, inner))) {
    const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
    if (entry.isDirectory) paths.push(...await filesBelow(folder, path));
    else paths.push(path);
  }
  return paths;
}

/** Renders a set; its first line has the hash of the chart. */
export async function render(helm: string, set: ValueSet): Promise<string> {
  const { code, stdout, stderr } = await run(helm, [
    ...["template", "try", CHART, "--namespace", "lab"],
    ...["--kube-version", KUBERNETES, "--values", valuesFile(set)],
  ], { ms: 60_000 });
  if (code !== 0) throw new Error(`helm template: ${stderr}`);
  return `# Made by tests/deploy/render.ts of chart ${await chartHash()}\n` +
    stdout;
}

/** An object of Kubernetes. */
// deno-lint-ignore no-explicit-any -- Kubernetes has the types; the tests of the night check them
export type KubernetesObject = any;

/** What a set is rendered to. */
export async function objectsOf(
  set: ValueSet,
): Promise<readonly KubernetesObject[]> {
  const text = await Deno.readTextFile(renderedFile(set));
  return parseAllDocuments(text).map((each) => {
    if (each.errors.length > 0) throw each.errors[0];
    return each.toJS();
  });
}
