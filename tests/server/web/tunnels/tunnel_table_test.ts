/** The list of tunnels: who is in it, in which order, and what is said of each. */
import assert from "node:assert/strict";
import { TunnelRegistry } from "../../../../src/server/tunnels/registry.ts";
import type { TunnelSample } from "../../../../src/server/tunnels/tunnel_history.ts";
import type {
  Tunnel,
  TunnelSpec,
} from "../../../../src/server/tunnels/tunnel.ts";
import type { TunnelFilter } from "../../../../src/server/web/tunnels/tunnel_filter.ts";
import { renderTunnels } from "../../../../src/server/web/tunnels/tunnel_table.ts";
import { FakeSession } from "../../fake_session.ts";

const ALL: TunnelFilter = { search: "", state: "all" };
const SAMPLE: TunnelSample = {
  ...{ at: 0, sentRate: 1_000, receivedRate: 2_000, streams: 3 },
  roundTripTime: 12,
};

function setUp() {
  let now = 1_000_000;
  const registry = new TunnelRegistry({ now: () => now });
  const make = (spec: Partial<TunnelSpec> = {}) =>
    registry.create({ owner: "ann", name: "shop", pool: true, ...spec }).tunnel;
  const stop = (tunnel: Tunnel) => {
    tunnel.beginStop({ reason: "api", byUser: true });
    tunnel.markTerminated();
  };
  const shown = (
    tunnels: readonly Tunnel[],
    filter: TunnelFilter = ALL,
    samples: readonly TunnelSample[] = [],
  ) =>
    String(renderTunnels(tunnels, {
      filter,
      history: { of: () => samples },
      now,
    })).replaceAll(/\s+/g, " ");
  return { make, stop, shown, at: (time: number) => now = time };
}

/** The cells of each row, without tags. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const [, body = ""] = /<tbody[^>]*>(.*)<\/tbody>/s.exec(text) ?? [];
  return body.split("<tr").slice(1).map((row) =>
    [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell = ""]) =>
      cell.replaceAll(/<[^>]*>/g, "").trim()
    )
  );
}

Deno.test("a row says all of a live tunnel", () => {
  const { make, shown, at } = setUp();
  const tunnel = make({ shared: "all", metadata: { hostname: "lab" } });
  const session = new FakeSession();
  session.openExchanges = 4;
  tunnel.attach(session);
  at(1_061_000);

  const text = shown([tunnel], ALL, [{ ...SAMPLE, sentRate: 9 }, SAMPLE]);

  const [row] = rowsOf(text);
  const words = row?.slice(0, 6).map((cell) => cell.replace(/ *pool$/, ""));
  assert.deepEqual(words, [
    ...["Sallyport", "Running", "shop", "lab", "ann", "Shared"],
  ]);
  assert.match(text, /<span class="badge">pool<\/span>/);
  assert.deepEqual(row?.slice(6), [
    ...["1 min", "1 session", "12 ms", "4", "3.0 kB/s"],
  ]);
  assert.match(text, /1 active tunnel, 1 ready for tests/);
  assert.match(text, new RegExp(`href="/tunnels/${tunnel.id}"`));
});

Deno.test("a row of an ended tunnel has no numbers of now", () => {
  const { make, stop, shown, at } = setUp();
  const tunnel = make({ pool: false });
  at(1_005_000);
  stop(tunnel);
  at(9_000_000);

  const text = shown([tunnel], ALL, [SAMPLE]);

  const [row] = rowsOf(text);
  assert.deepEqual(row, [
    ...["Sallyport", "Stopped (api)", "shop", "–", "ann", "Not shared"],
    ...["5 s", "–", "–", "–", "–"],
  ]);
  assert.match(text, /No active tunnels/);
  assert.doesNotMatch(text, /badge/);
});

Deno.test("sessions are counted in words", () => {
  const { make, shown } = setUp();
  const tunnel = make();
  const health = () => rowsOf(shown([tunnel]))[0]?.[7];
  assert.equal(health(), "0 sessions");
  tunnel.attach(new FakeSession());
  assert.equal(health(), "1 session");
  tunnel.attach(new FakeSession());
  assert.equal(health(), "2 sessions");
});

Deno.test("live tunnels come first, and 20 ended ones after them", () => {
  const { make, stop, shown } = setUp();
  const ended = Array.from({ length: 21 }, (_, at) => make({ name: `e${at}` }));
  ended.forEach(stop);
  const live = [make({ name: "l0" }), make({ name: "l1" })];
  live[0]?.attach(new FakeSession());

  const text = shown([...ended, ...live]);

  const names = rowsOf(text).map((row) => row[2]?.replace(/\s*pool$/, ""));
  assert.equal(names.length, 22);
  assert.deepEqual(names.slice(0, 3), ["l0", "l1", "e0"]);
  assert.equal(names.at(-1), "e19");
  assert.match(text, /2 active tunnels, 1 ready for tests/);
});

Deno.test("200 tunnels are shown, and it is said when there are more", () => {
  const { make, shown } = setUp();
  const tunnels = Array.from(
    { length: 201 },
    (_, at) => make({ name: `t${at}` }),
  );
  const few = shown(tunnels.slice(1));
  assert.equal(rowsOf(few).length, 200);
  assert.doesNotMatch(few, /the newest/);
  const many = shown(tunnels);
  assert.equal(rowsOf(many).length, 200);
  assert.match(
    many,
    /201 active tunnels, 0 ready for tests; the newest 200 shown/,
  );
});

/** A filter → what is said when it finds nothing. */
for (
  const [filter, said] of [
    [{ search: "x", state: "all" }, "No tunnel matches “x”."],
    [{ search: "", state: "running" }, "No tunnel is running."],
    [
      { search: "x", state: "stopped" },
      "No tunnel that is stopped matches “x”.",
    ],
  ] as const
) {
  Deno.test(`a list without matches says "${said}"`, () => {
    const { make, shown } = setUp();
    const text = shown([make()], filter);
    assert.ok(text.includes(said), text);
    assert.match(text, /; 0 found/);
  });
}

Deno.test("the list of a newcomer says how to start", () => {
  const { make, shown } = setUp();
  assert.match(shown([]), /You have no tunnel yet\./);
  const found = shown([make()], { search: "shop", state: "all" });
  assert.match(found, /; 1 found/);
  assert.equal(rowsOf(found).length, 1);
});
