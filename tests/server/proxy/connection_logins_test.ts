import assert from "node:assert/strict";
import type { Permit } from "../../../src/server/accounts/permission_watcher.ts";
import { connectionLogins } from "../../../src/server/proxy/connection_logins.ts";

const PERMIT: Permit = { holds: () => true };

/** Logins of a connection, and what becomes of them. */
function world(protocol: "h2" | "http/1.1") {
  const log: string[] = [];
  let time = 0;
  let entered = 0;
  const logins = connectionLogins({
    protocol,
    conn: {
      address: "192.0.2.1",
      admit: () => log.push("admit"),
      close: () => log.push("close"),
    },
    authorize: (credentials) => {
      log.push(`check ${credentials}`);
      return credentials === "wrong"
        ? Promise.reject(new Error("wrong"))
        : Promise.resolve({ permit: PERMIT, tunnels: () => [] });
    },
    watch: {
      enter: () => {
        entered += 1;
        return {
          allow: () => {},
          [Symbol.dispose]: () => {
            entered -= 1;
          },
        };
      },
    },
    now: () => time,
  });
  return {
    log,
    logins,
    entered: () => entered,
    wait: (ms: number) => {
      time += ms;
    },
  };
}

Deno.test("connectionLogins() checks the same credentials once in ten seconds", async () => {
  for (const protocol of ["h2", "http/1.1"] as const) {
    const { log, logins, wait } = world(protocol);

    await logins.authorize("ann");
    wait(9_999);
    await logins.authorize("ann");
    wait(1);
    await logins.authorize("ann");

    assert.deepEqual(log, ["check ann", "admit", "check ann", "admit"]);
  }
});

Deno.test("connectionLogins() over HTTP/1.1 keep the last one, and forget it at a wrong one", async () => {
  const { log, logins, entered } = world("http/1.1");

  await logins.authorize("ann");
  await assert.rejects(logins.authorize("wrong"));
  await logins.authorize("ann");
  for (let count = 0; count < 100; count++) {
    await logins.authorize(`user ${count}`);
  }

  assert.deepEqual(log.slice(0, 5), [
    ...["check ann", "admit", "check wrong", "check ann", "admit"],
  ]);
  assert.equal(entered(), 1);
});

Deno.test("connectionLogins() over HTTP/2 watch each login, up to 64", async () => {
  const { log, logins, entered } = world("h2");

  for (let count = 0; count < 64; count++) {
    await logins.authorize(`user ${count}`);
  }
  const checked = log.length;
  await logins.authorize("user 0");

  assert.equal(log.length, checked);
  assert.equal(entered(), 64);
  await assert.rejects(logins.authorize("user 64"), {
    code: "tooManyLogins",
    status: 429,
  });
  logins[Symbol.dispose]();
  assert.equal(entered(), 0);
});

Deno.test("connectionLogins() watch nothing after the connection has ended", async () => {
  const { logins, entered, log } = world("h2");

  const late = logins.authorize("ann");
  logins[Symbol.dispose]();
  await late;

  assert.equal(entered(), 0);
  assert.deepEqual(log, ["check ann"]);
});
