/** What a service is called and runs. */
import assert from "node:assert/strict";
import {
  personalConfig,
  serviceArguments,
  serviceName,
  type ServiceSpec,
  serviceTitle,
} from "../../../src/cli/service/service_spec.ts";

const SERVER: ServiceSpec = {
  kind: "server",
  instance: "",
  program: "/usr/bin/sallyport",
  configFile: "/etc/sallyport/server.yaml",
  dataDir: "/var/lib/sallyport",
  isPersonal: false,
  account: "sallyport",
};
const CLIENT: ServiceSpec = {
  ...SERVER,
  kind: "client",
  instance: "nightly",
  configFile: "/etc/sallyport/nightly.yaml",
  dataDir: undefined,
};

Deno.test("the server's service", () => {
  assert.equal(serviceName(SERVER), "sallyport-server");
  assert.equal(serviceTitle(SERVER), "Sallyport server");
  assert.deepEqual(serviceArguments(SERVER), [
    ...["server", "--config-file", "/etc/sallyport/server.yaml"],
    ...["--data-dir", "/var/lib/sallyport"],
  ]);
});

Deno.test("a client's service", () => {
  assert.equal(serviceName(CLIENT), "sallyport-client-nightly");
  assert.equal(serviceName({ ...CLIENT, instance: "" }), "sallyport-client");
  assert.equal(serviceTitle(CLIENT), "Sallyport client nightly");
  assert.deepEqual(serviceArguments(CLIENT), [
    ...["run", "--config-file", "/etc/sallyport/nightly.yaml"],
  ]);
});

Deno.test("a person's configuration is in their home", () => {
  assert.equal(personalConfig("/home/ann"), "/home/ann/.config/sallyport");
});
