/**
 * Promise: the pods of the Helm chart start with the arguments, variables,
 * files and rights that stand there, and get ready.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type KubernetesObject, objectsOf } from "../deploy/chart.ts";
import { USER } from "../testing/user.ts";
import {
  type ContainerOptions,
  CONTAINERS,
  Engine,
  readImage,
} from "./containers.ts";

/** Milliseconds that a container may take until its program says something. */
const STARTS_WITHIN = 60_000;
/** What the Secrets of the values have. */
const SECRETS: Readonly<Record<string, string>> = {
  username: USER.name,
  "access-key": USER.key,
};

/** How the kubelet starts the container of a Deployment. */
async function containerOf(
  objects: readonly KubernetesObject[],
  name: string,
  folders: Readonly<Record<string, string>>,
): Promise<ContainerOptions> {
  const deployment = named(objects, "Deployment", name);
  const { containers, volumes } = deployment.spec.template.spec;
  const [container] = containers;
  const mounts: Record<string, string> = {};
  for (const { name, mountPath, readOnly } of container.volumeMounts) {
    const { configMap } = volumes.find((each: KubernetesObject) =>
      each.name === name
    );
    const folder = folders[configMap?.name ?? name];
    if (folder === undefined) continue;
    if (configMap !== undefined) {
      await writeConfigMap(
        folder,
        named(objects, "ConfigMap", configMap.name).data,
      );
    }
    mounts[mountPath] = `${folder}${readOnly === true ? ":ro" : ""}`;
  }
  const variables = container.env.map(
    ({ name, value, valueFrom }: KubernetesObject) => [
      name,
      value ?? SECRETS[valueFrom.secretKeyRef.key],
    ],
  );
  return {
    args: container.args,
    env: { ...Object.fromEntries(variables), SALLYPORT_LOG_FORMAT: "json" },
    mounts,
    hosts: ["try-sallyport-server"],
  };
}

function named(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
): KubernetesObject {
  const found = objects.find((each) =>
    each.kind === kind && each.metadata.name === name
  );
  assert.ok(found, `${kind} ${name}`);
  return found;
}

/** Files as the kubelet mounts them: links to links, which change all at once. */
async function writeConfigMap(
  folder: string,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  await Deno.mkdir(join(folder, "..2026_12_01"));
  await Deno.symlink("..2026_12_01", join(folder, "..data"));
  for (const [file, text] of Object.entries(data)) {
    await Deno.writeTextFile(join(folder, "..2026_12_01", file), text);
    await Deno.symlink(`..data/${file}`, join(folder, file));
  }
}

Deno.test(
  "server and client of the chart run as their pods say",
  CONTAINERS,
  async () => {
    const [server, client] = ["try-sallyport-server", "try-sallyport-client"];
    const objects = await objectsOf("both");
    const { entrypoint } = await readImage();
    await using engine = await Engine.start();
    const volume = await engine.volume("data");
    // A new volume with `fsGroup`: root's, and open to the group.
    await Deno.chown(volume, 0, 65532);
    await Deno.chmod(volume, 0o2775);
    const ofServer = await containerOf(objects, server, {
      [server]: await engine.volume("server"),
      data: volume,
    });
    await using serverPod = engine.start({
      ...ofServer,
      env: {
        ...ofServer.env,
        SALLYPORT_USERS: `${USER.name}:${USER.key}`,
        // What `server.externalHost` sets; here it is the name in the client's values.
        SALLYPORT_EXTERNAL_HOST: server,
      },
    });
    await serverPod.process.event("REST API and page", {}, {
      ms: STARTS_WITHIN,
    });
    const ofClient = await containerOf(objects, client, {
      [client]: await engine.volume("client"),
      [`${client}-plugins`]: await engine.volume("plugins"),
    });
    await using clientPod = engine.start({
      ...ofClient,
      env: { ...ofClient.env, SALLYPORT_CACERT_FILE: "/ca.pem" },
      mounts: { ...ofClient.mounts, "/ca.pem": `${volume}/data/ca.pem:ro` },
      network: serverPod,
    });
    await clientPod.process.event(
      "Sallyport is up, you may start your tests",
      {},
      { ms: STARTS_WITHIN },
    );

    const serverReady = await serverPod.exec([entrypoint, "ready", "--server"]);
    const clientReady = await clientPod.exec([entrypoint, "ready"]);

    const isReady = { code: 0, stdout: "ready\n", stderr: "" };
    assert.deepEqual([serverReady, clientReady], [isReady, isReady]);
    const plugins = clientPod.process.log.matching("plugin loaded");
    assert.deepEqual(plugins.map(({ fields }) => fields["plugin"]), ["header"]);
    const warnings = [
      ...serverPod.process.log.all,
      ...clientPod.process.log.all,
    ]
      .filter(({ level }) => level === "warn" || level === "error");
    assert.deepEqual(warnings, []);
  },
);
