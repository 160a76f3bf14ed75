/**
 * Promise: `--metadata` is seen where people and programs look for tunnels.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { USER } from "../testing/user.ts";
import {
  CLIENT_ENV,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";
import { callRest } from "./rest_calls.ts";

const STATES = z.array(z.object({
  id: z.string(),
  metadata: z.object({ extra: z.record(z.string(), z.string()) }),
}));

Deno.test("--metadata is in the tunnel's REST resource and on its page", async () => {
  await using server = await startServerProgram();
  await using _client = await startClientProgram(server, {
    args: ["--metadata=runner=jenkins,build=<7>"],
    env: CLIENT_ENV,
  });

  const { text } = await callRest(server, { path: "?full=1" });
  const [state] = STATES.parse(JSON.parse(text));
  using trust = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(server.caFile)],
  });
  const answer = await fetch(`${server.url}/tunnels/${state?.id}`, {
    client: trust,
    headers: { Authorization: `Basic ${btoa(`${USER.name}:${USER.key}`)}` },
  });
  const page = await answer.text();

  assert.deepEqual(state?.metadata.extra, { runner: "jenkins", build: "<7>" });
  assert.equal(answer.status, 200, page);
  assert.match(page, /runner/);
  assert.match(page, /jenkins/);
  assert.match(page, /&lt;7&gt;/);
});
