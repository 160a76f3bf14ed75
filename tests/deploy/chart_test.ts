/** The chart, by what it renders to and by the schema of its values. @module */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { validateOptions } from "../../src/config/load.ts";
import { CLIENT_FIELDS } from "../../src/config/options/client_config.ts";
import { SERVER_FIELDS } from "../../src/config/options/server_config.ts";
import { readEnvironment } from "../../src/config/sources/environment.ts";
import { readConfigFile } from "../../src/config/sources/file.ts";
import { Mistakes } from "../../src/config/errors.ts";
import project from "../../deno.json" with { type: "json" };
import {
  CHART,
  chartHash,
  type KubernetesObject,
  objectsOf,
  renderedFile,
  VALUE_SETS,
  valuesFile,
} from "./chart.ts";

async function readYaml(path: string): Promise<KubernetesObject> {
  return parse(await Deno.readTextFile(path));
}

/** All pods that a set starts. */
async function podsOf(
  set: typeof VALUE_SETS[number],
): Promise<readonly KubernetesObject[]> {
  const objects = await objectsOf(set);
  return objects.flatMap(({ kind, spec }) =>
    kind === "Pod" ? [spec] : kind === "Deployment" ? [spec.template.spec] : []
  );
}

/** The variables of a container; those of Secrets are some text. */
function variablesOf(
  { env = [] }: KubernetesObject,
): ReadonlyMap<string, string> {
  return new Map(
    env.map(({ name, value }: KubernetesObject) => [
      name,
      value ?? (name === "SALLYPORT_USERS" ? "jane:key" : "secret"),
    ]),
  );
}

Deno.test("what stands in rendered/ is made from this chart", async () => {
  const hash = await chartHash();
  for (const set of VALUE_SETS) {
    const [first] = (await Deno.readTextFile(renderedFile(set))).split("\n");

    assert.equal(
      first,
      `# Made by tests/deploy/render.ts of chart ${hash}`,
      "The chart has changed: run tests/deploy/render.ts",
    );
  }
});

Deno.test("the chart has the version of the program", async () => {
  const { version, appVersion } = await readYaml(join(CHART, "Chart.yaml"));

  assert.deepEqual([version, appVersion], [project.version, project.version]);
});

Deno.test.each([...VALUE_SETS])(
  "pods of the set %s are restricted, as Kubernetes calls it",
  async (set) => {
    const pods = await podsOf(set);
    assert.ok(pods.length > 0);
    for (const pod of pods) {
      assert.equal(pod.automountServiceAccountToken, false);
      assert.equal(pod.enableServiceLinks, false);
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(pod.securityContext.runAsUser, 65532);
      assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
      for (const { securityContext } of pod.containers) {
        assert.deepEqual(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      }
    }
  },
);

Deno.test.each([...VALUE_SETS])(
  "variables and files of the set %s are options of the program",
  async (set) => {
    const objects = await objectsOf(set);
    for (const { kind, metadata, spec } of objects) {
      if (kind !== "Deployment") continue;
      const [container] = spec.template.spec.containers;
      const part: string = container.name;
      const fields = part === "server" ? SERVER_FIELDS : CLIENT_FIELDS;
      const variables = variablesOf(container);
      const values = readEnvironment(
        { ...fields },
        (name) => variables.get(name),
      );
      const folder = await Deno.makeTempDir();
      const file = join(folder, `${part}.yaml`);
      const config = objects.find((each) =>
        each.kind === "ConfigMap" && each.metadata.name === metadata.name
      );
      await Deno.writeTextFile(file, config.data[`${part}.yaml`]);
      const mistakes = new Mistakes();
      await readConfigFile({ ...fields }, file, { mistakes });
      await Deno.remove(folder, { recursive: true });

      mistakes.throwIfAny();
      assert.equal(values.size, variables.size);
      if (part === "server") validateOptions(SERVER_FIELDS, values);
      else validateOptions(CLIENT_FIELDS, values);
    }
  },
);

Deno.test.each([...VALUE_SETS])(
  "ports of the set %s lead to where the program listens",
  async (set) => {
    const objects = await objectsOf(set);
    for (const { kind, metadata, spec } of objects) {
      if (kind !== "Service") continue;
      const deployment = objects.find((each) =>
        each.kind === "Deployment" && each.metadata.name === metadata.name
      );
      assert.deepEqual(
        spec.selector,
        deployment.spec.selector.matchLabels,
        "a Service selects the pods of its part",
      );
      const [container] = deployment.spec.template.spec.containers;
      const range = variablesOf(container).get("SALLYPORT_PROXY_PORT_RANGE");
      const [first = 0, last = -1] = range?.split("-").map(Number) ?? [];
      const known = container.ports.map(({ name }: { name: string }) => name);
      for (const { targetPort } of spec.ports) {
        assert.ok(
          known.includes(targetPort) ||
            (targetPort >= first && targetPort <= last),
          `${targetPort}`,
        );
      }
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
        assert.ok(known.includes(container[probe].httpGet.port), probe);
      }
    }
  },
);

Deno.test("values of the chart and of its sets are valid", async () => {
  const validate = new Ajv({ allErrors: true }).compile(
    JSON.parse(await Deno.readTextFile(join(CHART, "values.schema.json"))),
  );

  for (
    const file of [join(CHART, "values.yaml"), ...VALUE_SETS.map(valuesFile)]
  ) {
    validate(await readYaml(file));
    assert.deepEqual(validate.errors, null, file);
  }
});

Deno.test.each([
  [{ server: { externalHots: "lab.example" } }],
  [{ server: { externalHost: "https://lab.example" } }],
  [{ server: { dedicatedPorts: { count: 0 } } }],
  [{ server: { dedicatedPorts: { allow: ["lab.example"] } } }],
  [{ server: { service: { type: "External" } } }],
  [{ client: { server: "http://lab.example" } }],
  [{ client: { replicas: "2" } }],
  [{ client: { tunnelName: "" } }],
  [{ client: { plugins: { "../a.ts": "" } } }],
  [{ image: { digest: "sha256:1" } }],
])("the schema of the values refuses %j", async (values) => {
  const validate = new Ajv().compile(
    JSON.parse(await Deno.readTextFile(join(CHART, "values.schema.json"))),
  );

  assert.equal(validate(values), false);
});
