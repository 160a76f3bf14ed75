/** Memory that messages share. */
import assert from "node:assert/strict";
import { CloseCode, WebSocketError } from "../../../src/websocket/errors.ts";
import {
  MAX_HELD,
  MessageBudget,
  MessageRoom,
} from "../../../src/websocket/messages/message_room.ts";

Deno.test("rooms take from one budget up to its limit, and give all back", () => {
  const budget = new MessageBudget(10);
  const [first, second] = [new MessageRoom(budget), new MessageRoom(budget)];
  first.grow(4);
  first.grow(3);
  second.grow(3);
  assert.deepEqual([first.held, second.held, budget.held], [7, 3, 10]);

  assert.throws(
    () => second.grow(1),
    (error) =>
      error instanceof WebSocketError &&
      error.code === CloseCode.tryAgainLater &&
      /all messages together have more than 10 bytes/.test(error.message),
  );
  assert.deepEqual([second.held, budget.held], [3, 10]);
  first.clear();
  assert.deepEqual([first.held, budget.held], [0, 3]);
  first.clear();
  assert.equal(budget.held, 3);
  second.grow(7);
  assert.equal(budget.held, 10);
});

Deno.test("64 MiB are the limit by default", () => {
  assert.equal(MAX_HELD, 67_108_864);
  const budget = new MessageBudget();
  budget.take(MAX_HELD);
  assert.throws(() => budget.take(1), WebSocketError);
});
