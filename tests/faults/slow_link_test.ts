/** Promise: a slow link with a long queue loses no session. @module */
import assert from "node:assert/strict";
import { patternBytes, patternDigest } from "../testing/pattern.ts";
import { type FaultSystem, QUICK, startFaultSystem } from "./fault_system.ts";

/** 256 kbit/s with a queue of 8 s, ten times as fast: so are all limits. */
const SLOW = { rate: 320_000, queue: 256_000 };
const LENGTH = 600_000;

/** The connections of the start are all there. A spare one may have come and gone. */
function assertNoneWasLost({ relay, sessions }: FaultSystem): void {
  const [first, second, third] = relay.connections;
  assert.deepEqual(
    [first?.isOpen, second?.isOpen, third?.isOpen, sessions()],
    [true, true, true, 3],
  );
}

Deno.test("downloads over a slow link with a long queue lose no session", async () => {
  await using system = await startFaultSystem({ relay: SLOW, silence: QUICK });

  const pages = await Promise.all([
    system.get(`/bytes/${LENGTH}`),
    system.get(`/bytes/${LENGTH}`),
  ]);

  for (const { status, text } of pages) {
    assert.deepEqual([status, text.length], [200, LENGTH]);
  }
  assertNoneWasLost(system);
});

Deno.test("an upload over a slow link with a long queue loses no session", async () => {
  await using system = await startFaultSystem({ relay: SLOW, silence: QUICK });
  const { proxy, origin } = system;
  const [username = "", password = ""] = proxy.credentials?.split(":") ?? [];
  using client = Deno.createHttpClient({
    proxy: {
      url: `http://127.0.0.1:${proxy.port}`,
      basicAuth: { username, password },
    },
  });

  const response = await fetch(`http://origin.test:${origin.port}/digest`, {
    client,
    method: "POST",
    body: patternBytes(LENGTH).slice(),
  });

  assert.deepEqual(await response.json(), patternDigest(LENGTH));
  assertNoneWasLost(system);
});
