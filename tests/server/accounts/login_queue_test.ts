/** Which logins wait, for whom, and when one gives way. */
import assert from "node:assert/strict";
import {
  FailureLimits,
  type LoginAttempt,
} from "../../../src/api/serving/failure_limits.ts";
import { countedSignal } from "../../testing/counted_signal.ts";
import {
  type Admission,
  LoginQueue,
  type LoginQueueOptions,
} from "../../../src/server/accounts/login_queue.ts";

function attempt(name: string, network = "a"): LoginAttempt {
  return { network, login: `${network}/${name}` };
}

/** A queue where one name may fail once at a time, a network ten times. */
function setUp(options?: LoginQueueOptions) {
  const limits = new FailureLimits({ maxFailures: 1 });
  return { limits, queue: new LoginQueue(limits, options) };
}

function admitted(admission: Admission | Promise<Admission>): Disposable {
  assert.ok(typeof admission === "object" && !(admission instanceof Promise));
  return admission;
}

/** The admission of one that has waited, or "waits". */
async function stateOf(
  entered: Admission | Promise<Admission>,
): Promise<Admission | "waits"> {
  const waits = (async () => {
    for (let turn = 0; turn < 9; turn++) await undefined;
    return "waits" as const;
  })();
  return await Promise.race([entered, waits]);
}

Deno.test("a login is admitted at once where it may fail, others of its name wait", async () => {
  const { queue } = setUp();
  const first = admitted(queue.enter(attempt("ann")));
  admitted(queue.enter(attempt("bob")));

  const second = queue.enter(attempt("ann"));
  const third = queue.enter(attempt("ann"));
  assert.equal(await stateOf(second), "waits");

  first[Symbol.dispose]();
  const admission = await second;
  assert.equal(await stateOf(third), "waits");
  admitted(admission)[Symbol.dispose]();
  admitted(await third);
});

Deno.test("a network that has failed too often is throttled, those that wait too", async () => {
  const { limits, queue } = setUp();
  const first = admitted(queue.enter(attempt("ann")));
  const second = queue.enter(attempt("ann"));
  limits.fail(attempt("ann"));
  assert.equal(queue.enter(attempt("ann")), "throttled");
  assert.equal(await stateOf(second), "waits");

  first[Symbol.dispose]();

  assert.equal(await second, "throttled");
});

Deno.test("a network compares ten at a time", async () => {
  const { queue } = setUp();
  const compared = Array.from(
    { length: 10 },
    (_, at) => admitted(queue.enter(attempt(`user${at}`))),
  );
  const next = queue.enter(attempt("user10"));
  assert.equal(await stateOf(next), "waits");
  admitted(queue.enter(attempt("user10", "b")));

  compared[3]?.[Symbol.dispose]();

  admitted(await next);
});

Deno.test("a line goes on behind one that still has to wait", async () => {
  const { queue } = setUp();
  admitted(queue.enter(attempt("ann")));
  const bob = admitted(queue.enter(attempt("bob")));
  const ann = queue.enter(attempt("ann"));
  const other = queue.enter(attempt("bob"));

  bob[Symbol.dispose]();

  admitted(await other);
  assert.equal(await stateOf(ann), "waits");
});

Deno.test("so many of one network wait, and the next is throttled", async () => {
  const { queue } = setUp({ maxWaitingOfNetwork: 2 });
  for (const network of ["a", "b"]) {
    const login = attempt("ann", network);
    admitted(queue.enter(login));
    assert.equal(await stateOf(queue.enter(login)), "waits");
    assert.equal(await stateOf(queue.enter(login)), "waits");
    assert.equal(queue.enter(login), "throttled");
  }
});

Deno.test("1,024 of one network wait by default", async () => {
  const { queue } = setUp();
  admitted(queue.enter(attempt("ann")));
  for (let count = 0; count < 1_024; count++) {
    assert.ok(queue.enter(attempt("ann")) instanceof Promise);
  }
  assert.equal(queue.enter(attempt("ann")), "throttled");
  admitted(queue.enter(attempt("ann", "b")));
  assert.equal(await stateOf(queue.enter(attempt("ann", "b"))), "waits");
});

Deno.test("beyond the limit of all the network with the most gives way", async () => {
  const { queue } = setUp({ maxWaiting: 2 });
  admitted(queue.enter(attempt("ann", "a")));
  admitted(queue.enter(attempt("ann", "b")));
  const oldest = queue.enter(attempt("ann", "a"));
  const newest = queue.enter(attempt("ann", "a"));
  const other = queue.enter(attempt("ann", "b"));

  assert.equal(await newest, "busy");
  assert.equal(await stateOf(oldest), "waits");
  assert.equal(await stateOf(other), "waits");
});

Deno.test("a login whose client has left does not wait", async () => {
  const { queue } = setUp({ maxWaitingOfNetwork: 1 });
  const first = admitted(queue.enter(attempt("ann")));
  const abort = new AbortController();
  const second = queue.enter(attempt("ann"), abort.signal);
  assert.equal(await stateOf(second), "waits");

  abort.abort();
  assert.equal(await second, "busy");
  assert.equal(queue.enter(attempt("ann"), abort.signal), "busy");
  const watched = countedSignal();
  const third = queue.enter(attempt("ann"), watched.signal);
  assert.equal(await stateOf(third), "waits");
  assert.equal(watched.listeners, 1);
  first[Symbol.dispose]();

  admitted(await third);
  assert.equal(watched.listeners, 0);
});
