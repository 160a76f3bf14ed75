/**
 * Promise: however many addresses send wrong logins, those whose key was right
 * before and those with keys that the server made log in at once, others when it
 * is their turn, and the work of the attackers ends when they leave.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { USER } from "../testing/user.ts";
import { type ServerProgram, startServerProgram } from "../system/programs.ts";
import { within } from "../testing/deadline.ts";
import { ADDRESSES, Peer, socksLogin } from "./peer.ts";

const CREATED = z.object({ access_key: z.string() });
const HASHES = "sallyport_key_hashes_total";
const ATTACKERS = 20;
/** Of each attacker at the same time, with as many names: below what makes the address wait. */
const GUESSES = 60;
/** Logins that were refused in 14 of 17 tries. */
const TRIES = 17;

const OTHERS = ["jane", "joe", "jim", "jill", "jack"].map((name) => ({
  name,
  key: `${name}-key-123456`,
}));

/** Wrong logins from twenty addresses, two minutes of work; they leave when it is disposed. */
async function attack(
  server: ServerProgram,
): Promise<AsyncDisposable & { readonly begun: Promise<void> }> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const peers = await Promise.all(
    Array.from(
      { length: ATTACKERS },
      (_, at) => Peer.at(server, `127.0.5.${at + 1}`),
    ),
  );
  const begun = Promise.withResolvers<void>();
  const guesses = peers.flatMap((peer) =>
    Array.from({ length: GUESSES }, (_, at) => guess(peer, `user-${at}`))
  );
  return {
    begun: begun.promise,
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await Promise.all(guesses);
      for (const peer of peers) peer[Symbol.dispose]();
    },
  };

  async function guess(peer: Peer, name: string): Promise<void> {
    try {
      const login = { name, key: crypto.randomUUID() };
      await peer.rest(login, "tunnels", { signal });
      begun.resolve();
    } catch {
      // It has left.
    }
  }
}

Deno.test({
  ...ADDRESSES,
  name: "wrong logins from twenty addresses keep nobody out",
  async fn() {
    await using server = await startServerProgram({
      env: {
        SALLYPORT_USERS: [USER, ...OTHERS].map(({ name, key }) =>
          `${name}:${key}`
        ).join(),
      },
    });
    using known = await Peer.at(server);
    using stranger = await Peer.at(server, "127.0.6.1");
    const { data } = await known.rest(USER, "keys", {
      method: "POST",
      body: { name: "ci" },
    });
    const made = { name: USER.name, key: CREATED.parse(data).access_key };
    await using stack = new AsyncDisposableStack();
    const attackers = stack.use(await attack(server));
    await within(attackers.begun, "the attack to begin");

    const statuses: number[] = [];
    for (let at = 0; at < TRIES; at += 1) {
      statuses.push((await known.rest(USER)).status);
      statuses.push((await stranger.rest(made)).status);
      statuses.push(await socksLogin(server, made) === 0 ? 200 : 1);
    }
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.equal(await known.proxy(USER), 503, "no such tunnel");

    using newcomer = await Peer.at(server, "127.0.6.2");
    const [jane = USER, ...others] = OTHERS;
    const first = await within(
      newcomer.rest(jane),
      "the turn of somebody who was never there",
    );
    assert.equal(first.status, 200);

    await stack.disposeAsync();
    const before = await known.counts(HASHES);
    for (const other of others) {
      using peer = await Peer.at(
        server,
        `127.0.7.${others.indexOf(other) + 1}`,
      );
      assert.equal((await peer.rest(other)).status, 200);
    }
    const compared = await known.counts(HASHES) - before;
    // Had the guesses stayed, one of each attacker would be compared for every login.
    assert.ok(compared < 2 * ATTACKERS, `${compared} hashes`);
  },
});
