/** @module */
import assert from "node:assert/strict";
import { mock } from "node:test";
import type { ClientState } from "../../../src/client/state.ts";
import { ClientStatus } from "../../../src/client/status/status.ts";

/** A status and the states it has told of. */
function createStatus(): {
  status: ClientStatus;
  told: readonly ClientState[];
} {
  const told: ClientState[] = [];
  return { status: new ClientStatus((state) => told.push(state)), told };
}

Deno.test("ClientStatus is ready once a request has passed, not once it is connected", () => {
  const { status, told } = createStatus();

  status.setActive(2);
  assert.equal(status.state, "starting");
  assert.ok(status.isConnected);
  status.markReady();

  assert.equal(status.state, "ready");
  assert.deepEqual(told, ["ready"]);
});

Deno.test("ClientStatus follows its sessions while it is ready", () => {
  const { status, told } = createStatus();
  status.setActive(2);
  status.markReady();

  status.setActive(1);
  status.setActive(0);
  assert.ok(!status.isConnected);
  status.setActive(1);
  status.setActive(2);

  assert.deepEqual(told, ["ready", "reconnecting", "ready"]);
});

Deno.test("ClientStatus is reconnecting when the sessions are gone by the time it is ready", () => {
  const { status, told } = createStatus();
  status.setActive(1);
  status.setActive(0);

  status.markReady();

  assert.deepEqual(told, ["reconnecting"]);
});

Deno.test("ClientStatus is healthy for a minute after its last session", () => {
  mock.timers.enable({ apis: ["Date"], now: 1_000 });
  using _clock = { [Symbol.dispose]: () => mock.timers.reset() };
  const { status } = createStatus();
  status.setActive(1);
  status.markReady();
  status.setActive(0);

  mock.timers.tick(59_999);
  assert.ok(status.isHealthy);
  mock.timers.tick(1);

  assert.ok(!status.isHealthy);
  status.setActive(1);
  assert.ok(status.isHealthy);
});

Deno.test("ClientStatus does not come back from stopping", () => {
  const { status, told } = createStatus();
  status.setActive(1);
  status.markReady();

  status.markStopping();
  status.setActive(0);
  status.setActive(1);
  status.markReady();
  status.markStopped();
  status.markStopping();

  assert.deepEqual(told, ["ready", "stopping", "stopped"]);
  assert.equal(status.state, "stopped");
});

Deno.test("ClientStatus that was stopped while it started never was ready", () => {
  const { status, told } = createStatus();

  status.markStopping();
  status.markReady();
  status.markStopped();

  assert.deepEqual(told, ["stopping", "stopped"]);
});

Deno.test("ClientStatus knows since when it is as it is", () => {
  const before = Date.now();
  const { status } = createStatus();
  const { changedAt } = status;
  status.markStopping();

  assert.ok(before <= status.startedAt && status.startedAt <= Date.now());
  assert.ok(changedAt <= status.changedAt && status.changedAt <= Date.now());
});
