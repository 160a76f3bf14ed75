/**
 * Other people's judges of the chart and of compose.yaml: Helm, the schemas of
 * Kubernetes, of the Prometheus operator and of the Gateway API, and Compose.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";
import {
  installed,
  installedPackages,
  program,
  TOOLS,
} from "../programs/tools.ts";
import {
  CHART,
  KUBERNETES,
  objectsOf,
  render,
  renderedFile,
  VALUE_SETS,
  valuesFile,
} from "./chart.ts";

const PATIENCE = 120_000;
/** The oldest version that the chart supports, the one it is rendered for, and a new one. */
const VERSIONS = ["1.25.0", KUBERNETES, "1.37.0"];
const COMPOSE = fileURLToPath(
  new URL("../../.github/deploy/compose.yaml", import.meta.url),
);

for (const set of VALUE_SETS) {
  Deno.test({
    ...installed("helm"),
    name: `helm finds no fault with the chart and the set ${set}`,
    async fn() {
      const { code, stdout, stderr } = await run(program("helm"), [
        ...["lint", CHART, "--strict", "--values", valuesFile(set)],
      ], { ms: PATIENCE });

      assert.equal(code, 0, stdout + stderr);
    },
  });

  Deno.test({
    ...installed("helm"),
    name: `helm renders the set ${set} as it stands in rendered/`,
    async fn() {
      assert.equal(
        await render(program("helm"), set),
        await Deno.readTextFile(renderedFile(set)),
      );
    },
  });

  Deno.test({
    ...installed("kubernetes-validate"),
    name:
      `objects of the set ${set} are as Kubernetes has them, without unknown fields`,
    async fn() {
      for (const version of VERSIONS) {
        const { code, stdout, stderr } = await run(
          program("kubernetes-validate"),
          ["--strict", "-k", version, "--quiet", renderedFile(set)],
          { ms: PATIENCE },
        );

        assert.equal(code, 0, `${version}\n${stdout}${stderr}`);
      }
    },
  });
}

Deno.test({
  ignore: needs("node").ignore ||
    installedPackages("@kubernetes-models/gateway-api").ignore,
  name: "TLSRoute and ServiceMonitor are as their projects have them",
  async fn() {
    const objects = (await Promise.all(VALUE_SETS.map(objectsOf))).flat();
    const { code, stdout, stderr } = await run("node", [
      fileURLToPath(new URL("models.mjs", import.meta.url)),
      join(TOOLS, "node_modules"),
    ], { input: JSON.stringify(objects), ms: PATIENCE });

    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(stdout.trim().split("\n").toSorted(), [
      "ServiceMonitor is valid",
      "ServiceMonitor is valid",
      "ServiceMonitor is valid",
      "TLSRoute is valid",
    ]);
  },
});

Deno.test.each([
  ["server.externalHots=lab.example", "externalHots"],
  ["client.enabled=true", "client.credentialsSecret is needed"],
  ["server.plainHttp=true", "server.trustedProxies is needed"],
  ["server.ingress.enabled=true", "server.externalHost is needed"],
  ["server.serviceMonitor.enabled=true", "credentialsSecret is needed"],
])(
  "helm refuses %s and says why",
  { ...installed("helm") },
  async (setting, reason) => {
    const { code, stderr } = await run(program("helm"), [
      ...["template", "try", CHART, "--kube-version", KUBERNETES],
      ...["--set", setting],
    ], { ms: PATIENCE });

    assert.notEqual(code, 0);
    assert.ok(stderr.includes(reason), stderr);
  },
);

Deno.test({
  ...installed("podman-compose"),
  name: "compose.yaml is valid, and says which variable is missing",
  async fn() {
    const config = ["--file", COMPOSE, "config"];
    const env = { SALLYPORT_ACCESS_KEY: "k3y" };

    const valid = await run(program("podman-compose"), config, {
      env,
      ms: PATIENCE,
    });
    const missing = await run(program("podman-compose"), config, {
      ms: PATIENCE,
    });

    assert.equal(valid.code, 0, valid.stderr);
    assert.match(valid.stdout, /SALLYPORT_USERS: demo:k3y/);
    assert.notEqual(missing.code, 0);
    assert.match(missing.stderr, /SALLYPORT_ACCESS_KEY/);
  },
});
