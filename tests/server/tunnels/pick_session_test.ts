import assert from "node:assert/strict";
import { pickSession } from "../../../src/server/tunnels/pick_session.ts";
import { FakeSession } from "../fake_session.ts";

/** Sessions with so many running exchanges. */
function sessionsWith(...exchanges: readonly number[]): FakeSession[] {
  return exchanges.map((openExchanges) =>
    Object.assign(new FakeSession(), { openExchanges })
  );
}

/** How many exchanges each session has after so many more. */
function fill(sessions: readonly FakeSession[], count: number): number[] {
  for (let number = 0; number < count; number++) {
    const session = pickSession(sessions);
    if (session instanceof FakeSession) session.openExchanges += 1;
  }
  return sessions.map(({ openExchanges }) => openExchanges);
}

Deno.test("pickSession() has sixteen exchanges share a session, and sixteen more another one", () => {
  const sessions = sessionsWith(0, 0, 0);

  assert.deepEqual(fill(sessions, 20), [16, 4, 0]);
  assert.deepEqual(fill(sessions, 40), [28, 16, 16]);
});

Deno.test("pickSession() fills up what has become free", () => {
  assert.deepEqual(fill(sessionsWith(16, 3, 16), 2), [16, 5, 16]);
});

Deno.test("pickSession() leaves a session to its download while others are free", () => {
  const sessions = sessionsWith(1, 0);
  Object.assign(sessions[0] ?? {}, { isBulky: true });

  assert.deepEqual(fill(sessions, 16), [1, 16]);
  assert.deepEqual(fill(sessions, 2), [3, 16]);
});

Deno.test("pickSession() passes over sessions that take no more", () => {
  const [closed, busy] = sessionsWith(0, 40);
  if (!closed || !busy) assert.fail();
  closed.acceptsExchanges = false;

  assert.equal(pickSession([closed, busy]), busy);
  assert.equal(pickSession([closed]), undefined);
  assert.equal(pickSession([]), undefined);
});

Deno.test("pickSession() leaves a session alone that owes a reply to PING, however busy the others are", () => {
  const sessions = sessionsWith(0, 200);
  Object.assign(sessions[0] ?? {}, { owesReply: true });

  assert.deepEqual(fill(sessions, 5), [0, 205]);
});

Deno.test("pickSession() goes by the usual rule when all sessions owe a reply", () => {
  const sessions = sessionsWith(16, 3);
  for (const session of sessions) session.owesReply = true;

  assert.deepEqual(fill(sessions, 2), [16, 5]);
});

Deno.test("pickSession() takes the session that owes a reply for the shortest time when all owe one", () => {
  const sessions = sessionsWith(0, 40, 0);
  const silences = [3_000, 1, 2_000];
  for (const [at, silence] of silences.entries()) {
    Object.assign(sessions[at] ?? {}, { owesReply: true, silence });
  }

  assert.deepEqual(fill(sessions, 5), [0, 45, 0]);
});

Deno.test("pickSession() takes a full session last, even after one that owes a reply", () => {
  const sessions = sessionsWith(0, 256);
  Object.assign(sessions[0] ?? {}, { owesReply: true, silence: 20_000 });
  Object.assign(sessions[1] ?? {}, { hasRoom: false });

  assert.deepEqual(fill(sessions, 1), [1, 256]);
  Object.assign(sessions[0] ?? {}, { acceptsExchanges: false });
  assert.deepEqual(fill(sessions, 1), [1, 257]);
});
