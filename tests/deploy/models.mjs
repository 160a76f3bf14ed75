// Checks objects of Kubernetes whose types are not Kubernetes' own, for
// chart_nightly.ts: `node models.mjs FOLDER`, where FOLDER has the packages.
// Reads the objects as JSON. Writes what is wrong, a line each.
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const [, , folder] = process.argv;
const models = {
  "monitoring.coreos.com/v1":
    "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/index.js",
  "gateway.networking.k8s.io/v1":
    "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/index.js",
};
for (const object of JSON.parse(await text(process.stdin))) {
  const path = models[object.apiVersion];
  if (path === undefined) continue;
  const module = await import(pathToFileURL(join(folder, path)).href);
  try {
    new module[object.kind](object).validate();
    process.stdout.write(`${object.kind} is valid\n`);
  } catch (error) {
    process.stdout.write(`${object.kind}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
