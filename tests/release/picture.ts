/**
 * `deno task picture`: the picture of the Tunnels page in the README, as a real
 * browser shows it, of a lab that is made up.
 *
 * @module
 */
import { advertiseWith } from "../server/advertised.ts";
import { serveApp } from "../../src/api/serving/serve.ts";
import { systemClock } from "../../src/async/clock.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import { TunnelRegistry } from "../../src/server/tunnels/registry.ts";
import type { Tunnel, TunnelSpec } from "../../src/server/tunnels/tunnel.ts";
import type { TunnelSample } from "../../src/server/tunnels/tunnel_history.ts";
import { createWebUi } from "../../src/server/web/web_ui.ts";
import { FakeSession } from "../server/fake_session.ts";
import { needs } from "../testing/needs.ts";
import { signedInPage } from "../testing/pages.ts";

const FILE = new URL("../../.github/tunnels.png", import.meta.url);
const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const JANE = { name: "jane", key: "jane-key-123456" } as const;
const SIZE = { width: 1340, height: 900 } as const;
const MARGIN = 16;

const NOW = Date.UTC(2026, 10, 2, 9, 30);
const MINUTE = 60_000;

/** A tunnel in the picture. */
interface Shown extends TunnelSpec {
  readonly host: string;
  /** Minutes that it is there. */
  readonly age: number;
  readonly sessions?: number;
  readonly streams?: number;
  /** Bytes a second. */
  readonly rate?: number;
  readonly roundTrip?: number;
}

const SHOWN: readonly Shown[] = [
  {
    ...{ owner: "joe", name: "staging", shared: "all", host: "ci-4" },
    ...{ age: 312, sessions: 8, streams: 41, rate: 6_400_000, roundTrip: 18.2 },
  },
  {
    ...{ owner: "jane", name: "shop-nightly", host: "ci-2" },
    ...{ age: 74, sessions: 8, streams: 12, rate: 1_150_000, roundTrip: 38.4 },
  },
  ...["runner-1", "runner-2"].map((host, at) => ({
    ...{ owner: "jane", name: "checkout", pool: true, host, age: 26 - at },
    ...{ sessions: 4, streams: 9 - at, rate: 820_000, roundTrip: 21.7 + at },
  })),
  {
    ...{ owner: "jane", name: "laptop", host: "desk-12", age: 3 },
    ...{ sessions: 4, streams: 0, rate: 0, roundTrip: 9.3 },
  },
  { owner: "jane", name: "pr-1482", host: "runner-3", age: 0.2 },
];

const samples = new WeakMap<Tunnel, readonly TunnelSample[]>();

function labOf(shown: readonly Shown[]): TunnelRegistry {
  let now = NOW;
  const registry = new TunnelRegistry({ now: () => now });
  for (const { host, age, sessions = 0, streams = 0, ...rest } of shown) {
    now = NOW - age * MINUTE;
    const metadata = { hostname: host };
    const { tunnel } = registry.create({ ...rest, metadata });
    for (let count = 0; count < sessions; count++) {
      const session = new FakeSession();
      // The first one says it for all.
      session.openExchanges = count === 0 ? streams : 0;
      tunnel.attach(session);
    }
    samples.set(tunnel, [{
      at: NOW,
      sentRate: 0,
      receivedRate: rest.rate ?? 0,
      streams,
      roundTripTime: rest.roundTrip,
    }]);
  }
  now = NOW;
  return registry;
}

async function takePicture(): Promise<void> {
  using accounts = openAccounts(":memory:", { cost: CHEAP });
  await accounts.bootstrap([JANE, { name: "joe", key: "joe-key-1234567" }]);
  const app = createWebUi({
    accounts,
    registry: labOf(SHOWN),
    controller: { stop() {} },
    history: { of: (tunnel) => samples.get(tunnel) ?? [] },
    version: "0.1.0",
    advertise: advertiseWith({ externalHost: "lab.example" }),
    clock: { ...systemClock, now: () => NOW },
  });
  await using served = serveApp(app, { hostname: "127.0.0.1", port: 0 });
  needs("chromium");
  await using chromium = await signedInPage(
    served.url,
    { viewport: SIZE },
    JANE,
  );
  const { page } = chromium;
  const list = await page.getByRole("table").boundingBox();
  const height = (list?.y ?? 0) + (list?.height ?? 0) + MARGIN;
  const clip = { x: 0, y: 0, width: SIZE.width, height };
  await Deno.writeFile(FILE, await page.screenshot({ clip }));
}

if (import.meta.main) await takePicture();
