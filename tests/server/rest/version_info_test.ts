/** What a client hears of versions. */
// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import {
  noDownload,
  updatesFor,
  versionsFor,
} from "../../../src/server/rest/version_info.ts";

/** Client, server → whether the client is older. */
const VERSIONS: readonly (readonly [string | undefined, string, boolean])[] = [
  [undefined, "1.2.3", false],
  ["", "1.2.3", false],
  ["odd", "1.2.3", false],
  ["1.2", "1.2.3", false],
  ["1.2.3", "odd", false],
  ["1.2.3", "1.2.3", false],
  ["1.2.2", "1.2.3", true],
  ["1.2.4", "1.2.3", false],
  ["1.1.9", "1.2.3", true],
  ["1.3.0", "1.2.3", false],
  ["0.9.9", "1.2.3", true],
  ["2.0.0", "1.2.3", false],
  ["1.2.9", "1.2.10", true],
  ["v1.2.2-beta", "1.2.3", true],
];

for (const [client, server, isOlder] of VERSIONS) {
  Deno.test(`a client ${client} ${isOlder ? "is older" : "is not older"} than a server ${server}`, () => {
    const warning = isOlder
      ? [
        `The client has version ${client} and the server ${server}, update the client`,
      ]
      : [];
    const updates = updatesFor(client, { serverVersion: server, restUrl: "u" });
    assert.deepEqual(updates.warning, warning);
    const versions = versionsFor(
      { ...client !== undefined && { client_version: client } },
      server,
    );
    assert.deepEqual(versions.warning, warning);
    assert.equal(versions.status, isOlder ? "UPGRADE" : "OK");
  });
}

Deno.test("a client that starts gets these numbers", () => {
  const reply = updatesFor(undefined, { serverVersion: "1.2.3", restUrl: "u" });
  assert.deepEqual(reply, {
    fatal: [],
    warning: [],
    info: [],
    configuration: {
      job_wait_timeout: 10_800,
      kgp_handshake_timeout: 15,
      max_missed_acks: 300,
      client_status_interval: 30,
      client_status_timeout: 15,
      server_status_interval: 10,
      server_status_timeout: 5,
      start_timeout: 45,
      experimental: [],
      regions: [{ name: "default", url: "u" }],
    },
  });
});

Deno.test("a server knows its own version, and has no downloads", () => {
  const known = {
    latest_version: "1.2.3",
    status: "OK",
    info_url: null,
    download_url: null,
    sha1: null,
    warning: [],
    downloads: {},
  };
  assert.deepEqual(versionsFor({}, "1.2.3"), known);
  assert.deepEqual(
    versionsFor({ client_version: "1.2.3", all: true }, "1.2.3"),
    {
      ...known,
      client_version: "1.2.3",
      all_downloads: { "1.2.3": {} },
    },
  );
  assert.equal(noDownload().error.code, 404);
});
