/**
 * Promise: a right key that the server made is accepted at once at every door,
 * even while others guess from its address.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { USER } from "../testing/user.ts";
import { startServerProgram } from "../system/programs.ts";
import { Peer, socksLogin } from "./peer.ts";

const CREATED = z.object({ access_key: z.string() });
/** More than the guesses that an address has with any names. */
const NAMES = 15;
const GUESSES = 10;

Deno.test("a right key of the server's passes at every door after a hundred guesses from its address", async () => {
  await using server = await startServerProgram();
  using peer = await Peer.at(server);
  const { data } = await peer.rest(USER, "keys", {
    method: "POST",
    body: { name: "ci" },
  });
  const made = { name: USER.name, key: CREATED.parse(data).access_key };
  const guess = async (name: string) =>
    (await peer.rest({ name, key: "wrong" })).status;

  for (let each = 0; each < GUESSES; each += 1) await guess(USER.name);
  for (let name = 0; name < NAMES; name += 1) {
    await Promise.all(
      Array.from({ length: GUESSES }, () => guess(`user-${name}`)),
    );
  }

  assert.equal(await guess("another"), 429, "the address must wait");
  assert.equal((await peer.rest(USER)).status, 429, "a chosen key too");
  assert.equal((await peer.rest(made)).status, 200);
  assert.equal(await peer.signIn(made), 303);
  assert.equal(await peer.proxy(made), 503, "no such tunnel");
  assert.equal(await socksLogin(server, made), 0);
  assert.equal(await peer.signIn({ ...made, key: `${made.key}0` }), 429);
});
