/** @module */
import assert from "node:assert/strict";
import { hostname } from "node:os";
import {
  inspectorNames,
  statusNames,
} from "../../../src/client/status/host_names.ts";

const LOCAL = ["127.0.0.1", "127.9.9.9", "::1", "localhost"];
const REMOTE = ["0.0.0.0", "::", "192.0.2.7", "client.test"];

for (const name of LOCAL) {
  Deno.test(`a status API at ${name} responds under names of this machine only`, () => {
    const apiAddress = { hostname: name, port: 8032 };

    assert.deepEqual(statusNames({ apiAddress }), [hostname(), name]);
  });
}

for (const name of REMOTE) {
  Deno.test(`a status API at ${name} responds under any name, its inspector does not`, () => {
    const apiAddress = { hostname: name, port: 8032 };

    assert.equal(statusNames({ apiAddress }), undefined);
    assert.deepEqual(inspectorNames({ apiAddress }), [hostname(), name]);
  });
}

Deno.test("with credentials, any name will do", () => {
  const place = {
    apiAddress: { hostname: "127.0.0.1", port: 8032 },
    apiBasicAuth: "user:password",
  };

  assert.equal(statusNames(place), undefined);
  assert.equal(inspectorNames(place), undefined);
});
