import assert from "node:assert/strict";
import { SharedTables } from "../../../src/server/accounts/shared_tables.ts";
import { directoryOf } from "../directory.ts";
import { Fields } from "../../../src/http/fields.ts";
import {
  JobAffinity,
  takeJobField,
  validateJob,
} from "../../../src/server/proxy/job_affinity.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import { FakeSession } from "../fake_session.ts";

/** Joe is of another organization. */
const PLACES = { ann: "acme", bob: "acme", joe: "umbrella" } as const;

const registry = new TunnelRegistry();

function member(openExchanges: number, name = "lab"): Tunnel {
  const { tunnel } = registry.create({ owner: "ann", name, pool: true });
  const session = new FakeSession();
  session.openExchanges = openExchanges;
  tunnel.attach(session);
  return tunnel;
}

Deno.test("a job stays with the member that was least busy when it came", () => {
  const members = new JobAffinity();
  const busy = member(5);
  const idle = member(1);
  assert.deepEqual(members.of("j", [busy, idle]), [idle]);

  const freer = member(0);

  assert.deepEqual(members.of("j", [busy, idle, freer]), [idle]);
  assert.deepEqual(members.of("k", [busy, idle, freer]), [freer]);
});

Deno.test("a job whose member is gone or stopping gets another one, and stays there", () => {
  const members = new JobAffinity();
  const one = member(0);
  const two = member(1);
  assert.deepEqual(members.of("j", [one, two]), [one]);

  one.beginStop({ reason: "api", byUser: true });

  assert.deepEqual(members.of("j", [one, two]), [two]);
  assert.deepEqual(members.of("j", [two, member(0)]), [two]);
});

Deno.test("without a job, or with one tunnel, nothing is remembered", () => {
  const members = new JobAffinity();
  const pool = [member(0), member(0)];

  assert.deepEqual(members.of(undefined, pool), pool);
  assert.deepEqual(members.of("j", pool.slice(0, 1)), pool.slice(0, 1));
  assert.deepEqual(members.of("j", []), []);
  assert.equal(members.size, 0);
});

Deno.test("jobs of the same name in two pools are two jobs", () => {
  const members = new JobAffinity();
  const lab = [member(0), member(1)];
  const shop = [member(1, "shop"), member(0, "shop")];

  assert.deepEqual(members.of("j", lab), lab.slice(0, 1));
  assert.deepEqual(members.of("j", shop), shop.slice(1));
  assert.deepEqual(members.of("j", lab), lab.slice(0, 1));
});

Deno.test("of too many jobs the one that was not used for longest is forgotten", () => {
  const members = new JobAffinity({ maxJobs: 2 });
  const pool = [member(0), member(1)];
  for (const job of ["a", "b", "a", "c"]) members.of(job, pool);
  assert.equal(members.size, 2);
});

Deno.test("jobs that begin while all members are idle are spread evenly, also after one has joined", () => {
  const members = new JobAffinity();
  const pool = [member(0), member(0), member(0)];
  const share = (from: number, to: number) => {
    const used = Array.from(
      { length: to - from },
      (_, at) => members.of(`j${from + at}`, pool)[0],
    );
    return pool.map((tunnel) => used.filter((each) => each === tunnel).length);
  };

  const before = share(0, 30);
  pool.push(member(0));
  const after = share(30, 70);

  assert.deepEqual(before, [10, 10, 10]);
  assert.deepEqual(after, [10, 10, 10, 10]);
});

Deno.test("takeJobField() takes the field away, all lines of it", () => {
  const fields = new Fields();
  fields.append("X-Sallyport-Job", "a");
  fields.append("x-sallyport-job", "b");

  assert.equal(takeJobField(fields), "a, b");
  assert.equal(fields.size, 0);
  assert.equal(takeJobField(fields), undefined);
});

for (const value of ["build-7", "a".repeat(128), undefined]) {
  Deno.test(`validateJob() takes "${value?.slice(0, 9)}"`, () => {
    assert.equal(validateJob(value), value);
  });
}

for (const value of ["", "a b", "a:b", "a, b", "a".repeat(129), "é"]) {
  Deno.test(`validateJob() refuses "${value.slice(0, 9)}"`, () => {
    assert.throws(() => validateJob(value), { code: "badJob", status: 400 });
  });
}

Deno.test("jobs of one organization move no job of another, nor those of one owner a colleague's", () => {
  const members = new JobAffinity({
    maxJobs: 10,
    shares: new SharedTables(directoryOf(PLACES)),
  });
  const pool = (owner: string) =>
    [0, 1].map(() => {
      const { tunnel } = registry.create({ owner, name: "shared", pool: true });
      tunnel.attach(new FakeSession());
      return tunnel;
    });
  const pools = ["joe", "bob", "ann"].map(pool);
  const [joe = [], bob = [], ann = []] = pools;
  const before = [members.of("j", joe), members.of("j", bob)];
  for (let job = 0; job < 101; job += 1) members.of(`${job}`, ann);

  // A job that was forgotten would now get the other member.
  const after = [members.of("j", joe), members.of("j", bob)];

  assert.deepEqual(after, before);
  assert.equal(members.size, 10);
});
