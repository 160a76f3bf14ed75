/**
 * Promise: with `SSLKEYLOGFILE` the keys of the client's TLS connections are
 * written down, and open a capture of them.
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { CapturingRelay, decrypt } from "../testing/tls_capture.ts";
import { get } from "../testing/browser.ts";
import {
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

Deno.test("SSLKEYLOGFILE gets the keys that open captures of the server's and of sites' connections", async () => {
  await using directory = await temporaryDirectory();
  const file = `${directory.path}/keys`;
  await using server = await startServerProgram();
  await using origin = await startOrigin("https");
  await Deno.writeTextFile(`${directory.path}/ca.pem`, origin.ca ?? "");
  await using toServer = new CapturingRelay(Number(new URL(server.url).port));
  await using toSite = new CapturingRelay(origin.port);
  const url = `https://127.0.0.1:${toServer.port}`;
  await using _client = await startClientProgram({ ...server, url }, {
    args: [`--cacert-file=${directory.path}/ca.pem`],
    env: { SSLKEYLOGFILE: file },
  });
  const page = await get(
    `https://localhost:${toSite.port}/status/200`,
    server.proxy,
  );

  const keys = await Deno.readTextFile(file);
  const calls = toServer.connections.map((each) => decrypt(each, keys));
  const [visit] = toSite.connections.map((each) => decrypt(each, keys));

  assert.equal(page.status, 200);
  const created = calls.find(({ sent }) => sent.startsWith("POST "));
  assert.match(
    created?.sent ?? "",
    /^POST \/rest\/v1\/demo\/tunnels HTTP\/1\.1\r\n/,
  );
  assert.match(created?.received ?? "", /^HTTP\/1\.1 201 [^]*tunnel_token/);
  assert.match(visit?.sent ?? "", /^GET \/status\/200 HTTP\/1\.1\r\n/);
  assert.match(visit?.received ?? "", /^HTTP\/1\.1 200 [^]*status 200\n$/);
  // Those of the sessions are there too.
  const sessions = keys.match(/^CLIENT_TRAFFIC_SECRET_0 /gm)?.length ?? 0;
  assert.ok(sessions >= calls.length + 1 + 2, keys);
});
