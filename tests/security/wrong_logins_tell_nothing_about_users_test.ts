/**
 * Promise: a wrong login is the same work whatever keys the user has, and
 * whether there is such a user, so that how long it takes tells neither.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { USER } from "../testing/user.ts";
import { startServerProgram } from "../system/programs.ts";
import { ADDRESSES, Peer, socksLogin } from "./peer.ts";

const HASHES = "sallyport_key_hashes_total";
const CREATED = z.object({ access_key: z.string() });

Deno.test({
  ...ADDRESSES,
  name: "a wrong login costs one hash at every door, for whatever user",
  async fn() {
    await using server = await startServerProgram({
      env: {
        SALLYPORT_USERS: `${USER.name}:${USER.key},chosen:secret,both:secret`,
      },
    });
    using admin = await Peer.at(server);
    for (const [path, name] of [["users", "made"], ["keys", "ci"]] as const) {
      const { data } = await admin.rest(USER, path, {
        method: "POST",
        body: { name },
      });
      CREATED.parse(data);
    }
    const both = { name: "both", key: "secret" };
    await admin.rest(both, "keys", { method: "POST", body: { name: "ci" } });
    const hashesOf = async (act: () => Promise<unknown>) => {
      const before = await admin.counts(HASHES);
      await act();
      return await admin.counts(HASHES) - before;
    };

    for (const [at, name] of ["chosen", "made", "both", "nobody"].entries()) {
      using peer = await Peer.at(server, `127.0.4.${at + 1}`);
      const wrong = { name, key: "wrong" };
      for (
        const door of [
          () => peer.rest(wrong),
          () => peer.signIn(wrong),
          () => peer.proxy(wrong),
          () => socksLogin(server, wrong),
          () => peer.rest(wrong),
        ]
      ) assert.equal(await hashesOf(door), 1, `${name} ${door}`);
      // A comparison that two users shared would tell that they are alike.
      const pair = [wrong, { name: `no-${name}`, key: "wrong" }];
      const together = () => Promise.all(pair.map((each) => peer.rest(each)));
      assert.equal(await hashesOf(together), 2, name);
    }
  },
});
