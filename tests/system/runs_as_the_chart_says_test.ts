/**
 * Promise: the pods of the Helm chart start with the arguments, variables,
 * files and rights that stand there, and get ready.
 */
import assert from "node:assert/strict";
import { tempPlugins } from "../plugin/temp_plugins.ts";
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
function containerOf(
  objects: readonly KubernetesObject[],
  name: string,
  { config, volume }: { readonly config: string; readonly volume?: string },
): ContainerOptions {
  const deployment = objects.find((each) =>
    each.kind === "Deployment" && each.metadata.name === name
  );
  const [container] = deployment.spec.template.spec.containers;
  const folders: Record<string, string> = {
    config: `${config}:ro`,
    ...volume === undefined ? {} : { data: volume },
  };
  const mounts = container.volumeMounts.flatMap(
    ({ name, mountPath }: KubernetesObject) =>
      folders[name] === undefined ? [] : [[mountPath, folders[name]]],
  );
  return {
    args: container.args,
    env: {
      ...Object.fromEntries(
        container.env.map(({ name, value, valueFrom }: KubernetesObject) => [
          name,
          value ?? SECRETS[valueFrom.secretKeyRef.key],
        ]),
      ),
      SALLYPORT_LOG_FORMAT: "json",
    },
    mounts: Object.fromEntries(mounts),
    hosts: ["try-sallyport-server"],
  };
}

function fileOf(
  objects: readonly KubernetesObject[],
  name: string,
): Readonly<Record<string, string>> {
  return objects.find(({ kind, metadata }) =>
    kind === "ConfigMap" && metadata.name === name
  ).data;
}

Deno.test(
  "server and client of the chart run as their pods say",
  CONTAINERS,
  async () => {
    const [server, client] = ["try-sallyport-server", "try-sallyport-client"];
    const objects = await objectsOf("both");
    const { entrypoint } = await readImage();
    await using config = await tempPlugins({
      ...fileOf(objects, server),
      ...fileOf(objects, client),
    });
    await Deno.chmod(config.directory, 0o755);
    await using engine = await Engine.start();
    const volume = await engine.volume("data");
    // A new volume with `fsGroup`: root's, and open to the group.
    await Deno.chown(volume, 0, 65532);
    await Deno.chmod(volume, 0o2775);
    const options = containerOf(objects, server, {
      config: config.directory,
      volume,
    });
    await using serverPod = engine.start({
      ...options,
      env: {
        ...options.env,
        SALLYPORT_USERS: `${USER.name}:${USER.key}`,
        // What `server.externalHost` sets; here it is the name in the client's values.
        SALLYPORT_EXTERNAL_HOST: server,
      },
    });
    await serverPod.process.event("REST API and page", {}, {
      ms: STARTS_WITHIN,
    });
    await config.write(
      "ca.pem",
      await Deno.readTextFile(`${volume}/data/ca.pem`),
    );
    const ofClient = containerOf(objects, client, { config: config.directory });
    await using clientPod = engine.start({
      ...ofClient,
      env: {
        ...ofClient.env,
        SALLYPORT_CACERT_FILE: "/etc/sallyport/ca.pem",
      },
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
    const warnings = [
      ...serverPod.process.log.all,
      ...clientPod.process.log.all,
    ]
      .filter(({ level }) => level === "warn" || level === "error");
    assert.deepEqual(warnings, []);
  },
);
