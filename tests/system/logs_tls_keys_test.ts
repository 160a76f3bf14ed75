/**
 * Promise: with `SSLKEYLOGFILE` the keys of the client's TLS connections are
 * written down. Part of acceptance row 65.
 *
 * @module
 */
import assert from "node:assert/strict";

import {
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

Deno.test("SSLKEYLOGFILE gets the keys of the connections to the server (row 65)", async () => {
  await using directory = await temporaryDirectory();
  const file = `${directory.path}/keys`;
  await using server = await startServerProgram();
  await using _client = await startClientProgram(server, {
    env: { SSLKEYLOGFILE: file },
  });

  const keys = await Deno.readTextFile(file);

  assert.match(keys, /^CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]+$/m);
  assert.match(keys, /^SERVER_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]+$/m);
});
