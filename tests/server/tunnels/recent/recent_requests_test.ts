/** @module */
import assert from "node:assert/strict";
import { textBody } from "../../../../src/http/bytes_body.ts";
import { RecentRequests } from "../../../../src/server/tunnels/recent/recent_requests.ts";
import { TunnelRegistry } from "../../../../src/server/tunnels/registry.ts";
import { requestOf, responseOf } from "../../../plugin/exchanges.ts";

const ORIGIN = { user: "ann", job: "nightly", session: "s1" } as const;

Deno.test("a request is kept with its times, sizes and origin, without its query", () => {
  let now = 1_000;
  const requests = new RecentRequests(() => now);
  const entry = requests.begin(
    requestOf("http://a.test/x?token=s3cr3t", {
      method: "POST",
      body: textBody("hello"),
    }),
    ORIGIN,
  );
  assert.deepEqual([entry.status, entry.endAfter], [undefined, undefined]);
  now = 1_020;
  entry.respond({ ...responseOf("ok"), status: 201 });
  now = 1_050;
  entry.end(false);
  entry.end(true);

  const [kept] = requests.list();
  assert.equal(kept, entry);
  assert.deepEqual(
    [entry.method, entry.host, entry.path, entry.status, entry.at],
    ["POST", "a.test", "/x", 201, 1_000],
  );
  assert.deepEqual(
    [entry.firstByteAfter, entry.endAfter, entry.sent, entry.received],
    [20, 50, 5, 2],
  );
  assert.deepEqual(
    [entry.user, entry.job, entry.session, entry.isCut],
    ["ann", "nightly", "s1", false],
  );
});

Deno.test("a response that is cut says so, a request that never had one does not", () => {
  const requests = new RecentRequests(() => 0);
  const cut = requests.begin(requestOf("http://a.test/"), ORIGIN);
  cut.respond(responseOf("a"));
  cut.end(true);
  const early = requests.begin(requestOf("http://a.test/"), ORIGIN);
  early.end(true);
  early.respond(responseOf("a"));
  const gone = requests.begin(requestOf("http://a.test/"), ORIGIN);
  gone.end(true);

  assert.deepEqual([cut.isCut, early.isCut, gone.isCut], [true, true, false]);
});

Deno.test("only the latest are kept, newest first, and no more of a name than a name has", () => {
  const requests = new RecentRequests(() => 0, 3);
  assert.deepEqual(requests.list(), []);
  for (let count = 0; count < 8; count++) {
    const url = `http://h${count}.test/${"p".repeat(9999)}`;
    requests.begin({ ...requestOf(url), method: "M".repeat(99) }, ORIGIN);
  }

  const list = requests.list();
  assert.deepEqual(list.map(({ host }) => host), [
    "h7.test",
    "h6.test",
    "h5.test",
  ]);
  assert.ok(list.every(({ path = "" }) => path.length === 200));
  assert.ok(list.every(({ method }) => method.length === 32));
});

Deno.test("a server that keeps none keeps none", () => {
  const limits = { maxExchanges: 9, rate: 0 };
  const tunnelOf = (requests?: number) =>
    new TunnelRegistry({
      limits: requests === undefined ? limits : { ...limits, requests },
    }).create({ owner: "ann", name: "a" }).tunnel;

  assert.equal(tunnelOf(0).requests, undefined);
  assert.deepEqual(tunnelOf().requests?.list(), []);
});
