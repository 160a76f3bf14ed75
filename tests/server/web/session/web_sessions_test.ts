import assert from "node:assert/strict";
import { SharedTables } from "../../../../src/server/accounts/shared_tables.ts";
import { directoryOf } from "../../directory.ts";
import { WebSessions } from "../../../../src/server/web/session/web_sessions.ts";

const KEY = { id: "1", name: "default", scope: "all" } as const;

Deno.test("signing in again and again does not sign out others", () => {
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

Deno.test("sign-ins in one organization do not sign out users of another", () => {
  const sessions = new WebSessions(
    () => 0,
    new SharedTables(
      directoryOf({
        joe: "umbrella",
        bob: "acme",
        ...Object.fromEntries(
          Array.from({ length: 101 }, (_, at) => [`user-${at}`, "acme"]),
        ),
      }),
    ),
  );
  const joe = sessions.begin({ user: "joe", key: KEY });
  const bob = sessions.begin({ user: "bob", key: KEY });

  for (let user = 0; user < 101; user++) {
    for (let count = 0; count < 100; count++) {
      sessions.begin({ user: `user-${user}`, key: KEY });
    }
  }

  assert.equal(sessions.find(joe)?.user, "joe");
  assert.equal(sessions.find(bob)?.user, "bob");
});

Deno.test("a session is there until it is signed out, and asking makes it no longer", () => {
  let now = 0;
  const sessions = new WebSessions(() => now);
  const cookies = [1, 2].map(() => sessions.begin({ user: "ann", key: KEY }));
  const [one, two] = cookies.map((cookie) => sessions.find(cookie));
  assert.ok(one !== undefined && two !== undefined);

  sessions.end(cookies[0]);
  assert.deepEqual([sessions.has(one), sessions.has(two)], [false, true]);
  now += 90 * 60_000;
  assert.ok(sessions.has(two));
  now += 90 * 60_000;

  assert.ok(!sessions.has(two));
});

Deno.test("the token for forms follows from the cookie: the same at each request, another in another browser", () => {
  const sessions = new WebSessions(() => 0);
  const one = sessions.begin({ user: "ann", key: KEY });
  const two = sessions.begin({ user: "ann", key: KEY });

  const tokens = [one, one, two].map((cookie) =>
    String(sessions.find(cookie)?.csrfToken)
  );

  assert.equal(tokens[0], tokens[1]);
  assert.notEqual(tokens[0], tokens[2]);
});
