/** @module */
import assert from "node:assert/strict";
import { WebSessions } from "../../../src/server/web_ui/web_sessions.ts";

const KEY = { id: "1", name: "default", scope: "all" } as const;

Deno.test("who signs in again and again signs out nobody else", () => {
  const sessions = new WebSessions(() => 0);
  const ann = sessions.begin({ user: "ann", key: KEY });
  const first = sessions.begin({ user: "eve", key: KEY });

  let last = first;
  for (let count = 0; count < 10_000; count++) {
    last = sessions.begin({ user: "eve", key: KEY });
  }

  assert.equal(sessions.find(ann)?.user, "ann");
  assert.equal(sessions.find(last)?.user, "eve");
  assert.equal(sessions.find(first), undefined);
});

Deno.test("a user is signed in in a hundred browsers, of which the newest count", () => {
  const sessions = new WebSessions(() => 0);
  const cookies = Array.from(
    { length: 101 },
    () => sessions.begin({ user: "ann", key: KEY }),
  );

  const live = cookies.map((cookie) => sessions.find(cookie) !== undefined);

  assert.deepEqual(live, [false, ...Array.from({ length: 100 }, () => true)]);
});
