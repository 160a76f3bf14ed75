/**
 * Promise: a key that is revoked while a login with it waits for its turn opens
 * nothing, at no door.
 *
 * @module
 */
import assert from "node:assert/strict";
import { USER } from "../testing/user.ts";
import { startServerProgram } from "../system/programs.ts";
import { within } from "../testing/deadline.ts";
import { ADDRESSES, Peer, socksLogin } from "./peer.ts";

const JANE = { name: "jane", key: "jane-key-123456" } as const;
/** Logins that are checked before hers: seconds of work. */
const OTHERS = 30;
/** How many of them have ended when hers is certainly waiting. */
const ENDED = 3;
/** Not a key, and costs no hash. */
const TOO_LONG = "x".repeat(300);

Deno.test({
  ...ADDRESSES,
  name: "a key that is revoked while it is checked opens nothing",
  async fn() {
    await using server = await startServerProgram({
      env: {
        SALLYPORT_USERS: [USER, JANE].map(({ name, key }) => `${name}:${key}`)
          .join(),
      },
    });
    // Not where she comes from by SOCKS: she is a stranger at every door.
    using admin = await Peer.at(server, "127.0.8.2");
    using jane = await Peer.at(server, "127.0.8.1");
    assert.equal((await admin.rest(USER)).status, 200);
    await using stack = new AsyncDisposableStack();
    const others = await Promise.all(
      Array.from(
        { length: OTHERS },
        (_, at) => Peer.at(server, `127.0.9.${at + 1}`),
      ),
    );
    for (const other of others) stack.use(other);
    // Then all guesses are there before her login is.
    await Promise.all(
      [...others, jane].map((each) =>
        each.rest({ name: "nobody", key: TOO_LONG })
      ),
    );
    const some = Promise.withResolvers<void>();
    let left = ENDED;
    const waiting = Promise.allSettled(others.map(async (other) => {
      await other.rest({ name: "nobody", key: crypto.randomUUID() });
      left -= 1;
      if (left === 0) some.resolve();
    }));

    const logins = Promise.all([
      jane.rest(JANE).then(({ status }) => status),
      jane.signIn(JANE),
      jane.proxy(JANE),
      socksLogin(server, JANE),
    ]);
    await within(some.promise, "some of the others");
    const ended: string[] = [];
    const revoked = admin.rest(USER, "users/jane/keys/default", {
      method: "DELETE",
    });
    await Promise.all([
      revoked.then(() => ended.push("revoked")),
      logins.then(() => ended.push("checked")),
    ]);

    assert.equal((await revoked).status, 200);
    assert.deepEqual(await logins, [401, 403, 407, 1]);
    assert.deepEqual(ended, ["revoked", "checked"]);
    await waiting;
  },
});
