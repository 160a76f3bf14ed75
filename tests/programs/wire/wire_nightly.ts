/** Requests over bad wires, and how soon they pass again when the wire is good. */
import assert from "node:assert/strict";
import { temporaryDirectory } from "../../system/programs.ts";
import { needsWire, Wire, type WireState } from "./wire.ts";

const SMALL = 100;
const LARGE = 3_000_000;

/** "Back within 5 s of the network's return", on a machine that may be half as fast. */
const BACK_WITHIN = 10_000;

const WIRES: readonly {
  readonly what: string;
  readonly state: WireState;
}[] = [
  { what: "loses 2 % of all packets", state: { loss: 0.02, delay: 0.02 } },
  { what: "takes 300 ms each way", state: { delay: 0.3 } },
  { what: "has 4 Mbit/s", state: { rate: 500_000, queue: 65_536 } },
];

for (const { what, state } of WIRES) {
  Deno.test({
    ...needsWire(),
    name: `requests pass over a wire that ${what}`,
    fn: () =>
      onWire(async (wire) => {
        await wire.change(state);
        const large = wire.ask("large");
        for (let count = 0; count < 20; count++) {
          const { status, bytes } = await wire.ask("small");
          assert.deepEqual([status, bytes], [200, SMALL]);
        }
        const { status, bytes } = await large;
        assert.deepEqual([status, bytes], [200, LARGE]);
        assert.doesNotMatch(wire.clientLog, /connection lost/);
      }),
  });
}

Deno.test({
  ...needsWire(),
  name: "requests pass over a wire for packets of 576 bytes",
  fn: () =>
    onWire(async (wire) => {
      await wire.limitPackets(576);
      const { status, bytes } = await wire.ask("large");
      assert.deepEqual([status, bytes], [200, LARGE]);
    }),
});

Deno.test({
  ...needsWire(),
  name: "a slow wire with a queue of 8 s keeps its sessions",
  fn: () =>
    onWire(async (wire) => {
      await wire.change({ rate: 32_000, queue: 256_000 });
      const [large, small] = await Promise.all([
        wire.ask("medium"),
        wire.ask("small"),
      ]);
      assert.deepEqual([large.status, small.status], [200, 200]);
      assert.doesNotMatch(wire.clientLog, /connection lost/);
    }),
});

Deno.test({
  ...needsWire(),
  name: "requests pass again soon after a wire was dead for 20 s",
  fn: () =>
    onWire(async (wire) => {
      await wire.change({ dead: true });
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      await wire.change({ dead: false });
      assert.ok(await wire.untilGood("small") < BACK_WITHIN);
    }),
});

Deno.test({
  ...needsWire(),
  name: "requests pass soon after NAT has forgotten silent connections",
  fn: () =>
    onWire(async (wire) => {
      await wire.change({ nat: 4 });
      // PINGs keep a connection known; without them for a while it is forgotten.
      await wire.change({ dead: true });
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      await wire.change({ dead: false });
      assert.ok(await wire.untilGood("small") < BACK_WITHIN);
    }),
});

Deno.test({
  ...needsWire(),
  name: "requests pass soon after the client's machine has another address",
  fn: () =>
    onWire(async (wire) => {
      await wire.changeAddress(wire.address, "10.66.0.77");
      assert.ok(await wire.untilGood("small") < BACK_WITHIN);
    }),
});

async function onWire(test: (wire: Wire) => Promise<void>): Promise<void> {
  await using folder = await temporaryDirectory();
  const path = `${folder.path}/site`;
  await Deno.mkdir(path);
  await Deno.writeFile(`${path}/small`, new Uint8Array(SMALL));
  await Deno.writeFile(`${path}/medium`, new Uint8Array(400_000));
  await Deno.writeFile(`${path}/large`, new Uint8Array(LARGE));
  await using wire = await Wire.open(folder.path);
  const { status } = await wire.ask("small");
  assert.equal(status, 200);
  await test(wire);
}
