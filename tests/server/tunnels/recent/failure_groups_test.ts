/** @module */
import assert from "node:assert/strict";
import { ProxyError } from "../../../../src/proxy/errors/errors.ts";
import {
  FailureGroups,
  MAX_GROUPS,
} from "../../../../src/server/tunnels/recent/failure_groups.ts";
import { RecentFailures } from "../../../../src/server/tunnels/recent/recent_failures.ts";
import { requestOf, responseOf } from "../../../plugin/exchanges.ts";

const CAUSE = { reason: "net_dial", sentence: "No", status: 502 } as const;

Deno.test("failures with one sentence at one host are one, with count, first and last", () => {
  let now = 1;
  const groups = new FailureGroups(() => now);
  groups.add(requestOf("http://a.test/one?token=s3cr3t"), CAUSE);
  now = 2;
  groups.add(requestOf("http://b.test/"), CAUSE);
  now = 3;
  groups.add(requestOf("http://a.test/two"), { ...CAUSE, job: "j" });

  const [first, second, ...rest] = groups.list();
  assert.deepEqual(first, {
    ...CAUSE,
    ...{ host: "a.test", path: "/two", job: "j" },
    ...{ count: 2, first: 1, last: 3 },
  });
  assert.deepEqual([second?.host, second?.count], ["b.test", 1]);
  assert.deepEqual(rest, []);
});

Deno.test("only so many groups and characters are kept, and no query", () => {
  const groups = new FailureGroups(() => 0);
  for (let count = 0; count < 500; count++) {
    const url = `http://h${count}.test/${"p".repeat(9999)}?token=s3cr3t`;
    groups.add(requestOf(url), { ...CAUSE, sentence: "s".repeat(9999) });
  }

  const list = groups.list();
  assert.equal(list.length, MAX_GROUPS);
  assert.equal(list[0]?.host, "h499.test");
  const text = JSON.stringify(list);
  assert.ok(text.length < 60_000, String(text.length));
  assert.ok(!text.includes("s3cr3t"));
});

Deno.test("paths are left out where none are kept, and nothing of a stranger is", () => {
  const groups = new FailureGroups(() => 0, false);
  groups.add(requestOf("http://a.test/one"), CAUSE);
  groups.addLogin(CAUSE);

  assert.deepEqual(
    groups.list().map(({ host, path }) => [host, path]),
    [["", undefined], ["a.test", undefined]],
  );
});

Deno.test("errors of sites are grouped apart from those of Sallyport", () => {
  const failures = new RecentFailures(() => 0);
  const request = requestOf("http://a.test/");
  const site = { ...responseOf("a"), status: 404 };
  const client = { ...responseOf("a"), status: 502 };
  client.fields.set("X-Sallyport-Error", "plugin Cannot forward");
  failures.noteResponse(request, site);
  failures.noteResponse(request, client, "j");
  failures.note(request, new ProxyError("noSession", "lab"));
  failures.noteResponse(request, { ...responseOf("a"), status: 399 });

  assert.deepEqual(
    failures.groups.list().map(({ reason, sentence }) => [reason, sentence]),
    [
      [
        "no_session",
        'The tunnel "lab" is starting or reconnecting: try again in a few seconds',
      ],
      ["plugin", "Cannot forward"],
      ["site_status", "The site responded with 404 Not Found"],
    ],
  );
  assert.equal(failures.list().length, 2);
});
