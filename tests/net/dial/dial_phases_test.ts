/** @module */
import assert from "node:assert/strict";
import { createConnect } from "../../../src/net/dial/connect.ts";
import { createDial } from "../../../src/net/dial/dial.ts";
import { timePhase } from "../../../src/net/dial/dial_phases.ts";
import { startOrigin } from "../../testing/origin.ts";
import { unusedPort } from "../ports.ts";

const { signal } = new AbortController();

/** The phases of a connection that are reported for the request "r1". */
function recorder() {
  const told: (readonly [string, string])[] = [];
  const times: number[] = [];
  const onPhase = (id: string, phase: string, milliseconds: number) => {
    told.push([id, phase]);
    times.push(milliseconds);
  };
  const dial = createDial({
    resolve: (name) =>
      name === "no.test"
        ? Promise.reject(new Error("no DNS"))
        : Promise.resolve(["127.0.0.1"]),
    attempts: 1,
    onPhase,
  });
  return { told, times, dial, onPhase };
}

Deno.test("look-up, connection and handshake are timed, for the request that they are for", async () => {
  await using site = await startOrigin("https", ["a.test"]);
  const { told, times, dial, onPhase } = recorder();
  const connect = createConnect({ dial, onPhase, caCerts: [site.ca ?? ""] });

  const target = { hostname: "a.test", port: site.port, secure: true };
  const conn = await connect(target, signal, "r1");
  conn.close();

  assert.deepEqual(told, [["r1", "dns"], ["r1", "connect"], ["r1", "tls"]]);
  assert.ok(times.every((time) => time >= 0 && time < 60_000), String(times));
});

Deno.test("what fails is timed too, and nothing that follows it", async () => {
  const { told, dial } = recorder();

  await assert.rejects(dial({ hostname: "no.test", port: 1 }, signal, "r1"));
  await assert.rejects(
    dial({ hostname: "a.test", port: unusedPort() }, signal, "r2"),
  );
  // Nobody asked for this one.
  await assert.rejects(dial({ hostname: "no.test", port: 1 }, signal));

  assert.deepEqual(told, [["r1", "dns"], ["r2", "dns"], ["r2", "connect"]]);
});

Deno.test("timePhase() gives what the work gives", async () => {
  const nobody = { onPhase: undefined, exchangeId: "r1" };
  assert.equal(await timePhase("tls", () => Promise.resolve(7), nobody), 7);
});
