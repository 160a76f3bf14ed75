/**
 * Promise: however many keys and users somebody asks for, nobody's login waits for
 * it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { USER } from "../testing/user.ts";
import { startServerProgram } from "../system/programs.ts";
import { Peer } from "./peer.ts";

/** Requests for keys, and as many for users; a user may have a hundred keys. */
const REQUESTS = 200;
/** At the same time. */
const BATCH = 25;

Deno.test("hundreds of new keys and users cost the server no hash", async () => {
  await using server = await startServerProgram();
  using peer = await Peer.at(server);
  assert.equal((await peer.rest(USER)).status, 200);
  const before = await peer.counts("sallyport_key_hashes_total");
  const post = async (path: string, name: string) =>
    (await peer.rest(USER, path, { method: "POST", body: { name } })).status;

  const statuses = new Map<number, number>();
  for (let at = 0; at < REQUESTS; at += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, each) => at + each);
    const answers = await Promise.all([
      ...batch.map((each) => post("keys", `key-${each}`)),
      ...batch.map(() => post("keys", "default")),
      ...batch.map(() => post("keys", "not a name")),
      ...batch.map((each) => post("users", `user-${each}`)),
      ...batch.map(() => post("users", USER.name)),
    ]);
    for (const status of answers) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }

  // 99 keys besides the one that there is, and all of the new users.
  assert.equal(statuses.get(201), 99 + REQUESTS);
  // The names that are taken.
  assert.equal(statuses.get(409), 2 * REQUESTS);
  // Keys beyond the hundred, and names that are not valid.
  assert.equal(statuses.get(400), REQUESTS - 99 + REQUESTS);
  assert.equal(await peer.counts("sallyport_key_hashes_total"), before);
});
