/**
 * Promise: a page of another site has no browser sign in, change anything at the
 * server or at a client, whichever of `Sec-Fetch-Site` and `Origin` it sends.
 *
 * @module
 */
import assert from "node:assert/strict";
import { USER } from "../testing/user.ts";
import { startClientProgram, startServerProgram } from "../system/programs.ts";
import { Peer } from "./peer.ts";

/** What browsers say of a page that is not ours. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { "Sec-Fetch-Site": "cross-site" },
  { "Sec-Fetch-Site": "same-site" },
  { "Origin": "https://evil.test" },
  { "Origin": "null" },
];

for (const fields of FOREIGN) {
  Deno.test(`a page changes nothing with ${JSON.stringify(fields)}`, async () => {
    await using server = await startServerProgram();
    await using client = await startClientProgram(server, {
      args: ["--inspector"],
    });
    using peer = await Peer.at(server);
    const body = { name: "ci" };

    assert.equal(await peer.signIn(USER, { fields }), 403);
    const key = await peer.rest(USER, "keys", { method: "POST", body, fields });
    assert.equal(key.status, 403);
    const cleared = await fetch(`${client.apiUrl}inspector/clear`, {
      method: "POST",
      headers: { ...fields },
      body: new URLSearchParams({ token: "x" }),
    });
    assert.match(await cleared.text(), /page of another site/);
    assert.equal(cleared.status, 403);
  });
}

Deno.test("the page's own form signs in, whichever of the two a browser sends", async () => {
  await using server = await startServerProgram();
  using peer = await Peer.at(server);
  const { origin } = new URL(server.url);

  for (
    const fields of [
      { "Sec-Fetch-Site": "same-origin", "Origin": origin },
      { "Origin": origin },
      {},
    ]
  ) assert.equal(await peer.signIn(USER, { fields }), 303);
});
