import assert from "node:assert/strict";
import type {
  Handler,
  PlainRequest,
  ProxyRequest,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { Http1Error } from "../../../src/http1/errors.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import { JobAffinity } from "../../../src/server/proxy/job_affinity.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { dispatch } from "../../../src/server/proxy/dispatch.ts";
import {
  TunnelError,
  type TunnelErrorCode,
} from "../../../src/tunnel/errors.ts";
import type { TunnelSession } from "../../../src/tunnel/session.ts";
import { recordLog } from "../../testing/event_log.ts";
import { FakeSession } from "../fake_session.ts";

const REQUEST: PlainRequest = {
  kind: "request",
  method: "GET",
  scheme: "http",
  authority: "shop.test",
  path: "/",
  fields: new Fields(),
  body: undefined,
};

const CONTEXT = {
  id: "1",
  signal: new AbortController().signal,
  inform() {},
};

/** A session that ends when it is used, before it has done anything. */
class LostSession extends FakeSession {
  override readonly handler: Handler = async () => {
    this.cut();
    await this.done.catch(() => {});
    throw new TunnelError("lost", "It is gone", { retryable: true });
  };
}

/** A session that responds to everything. */
class GoodSession extends FakeSession {
  override readonly handler: Handler = () =>
    Promise.resolve({
      kind: "response",
      status: 204,
      fields: new Fields(),
      body: undefined,
    });
}

Deno.test("a job whose member is lost is sent again through another one", async () => {
  const registry = new TunnelRegistry();
  const pool = [new LostSession(), new GoodSession()].map((session) => {
    const { tunnel } = registry.create({
      owner: "ann",
      name: "lab",
      pool: true,
    });
    tunnel.attach(session);
    return tunnel;
  });
  const members = new JobAffinity();
  const find = () =>
    Promise.resolve({ tunnels: members.of("nightly", pool), job: "nightly" });
  const found = await find();
  assert.deepEqual(found.tunnels, pool.slice(0, 1));

  const { status } = await dispatch(REQUEST, {
    ...CONTEXT,
    ...found,
    reauthorize: find,
  });

  assert.equal(status, 204);
  assert.deepEqual((await find()).tunnels, pool.slice(1));
});

Deno.test("without another session the browser gets an error that says so", async () => {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  tunnel.attach(new LostSession());
  const tunnels = [tunnel];

  await assert.rejects(
    dispatch(REQUEST, {
      ...CONTEXT,
      tunnels,
      reauthorize: () => Promise.resolve({ tunnels }),
    }),
    { code: "noSession", message: /"lab"/ },
  );
});

/** A session whose client ends every exchange without a response. */
class RefusingSession extends FakeSession {
  override readonly handler: Handler = () =>
    Promise.reject(new TunnelError("reset", "The client ended the exchange"));
}

Deno.test("a client that ends the exchange without a response has an error of its own", async () => {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  tunnel.attach(new RefusingSession());
  const reauthorize = () =>
    assert.fail("It was begun, and may not be sent again");

  await assert.rejects(
    dispatch(REQUEST, { ...CONTEXT, tunnels: [tunnel], reauthorize }),
    {
      ...{ code: "refusedByClient", message: /"lab"/ },
      ...{ status: 502, reason: "refused_by_client" },
    },
  );
});

/** A session that is lost while the client works on an exchange. */
class CutSession extends FakeSession {
  /** Sends an interim response first. */
  informs = false;

  override readonly handler: Handler = async (_request, { inform }) => {
    if (this.informs) inform(103, new Fields());
    this.cut();
    await this.done.catch(() => {});
    throw new TunnelError("lost", "It is gone");
  };
}

/** What becomes of a request on a session that is cut, with a good one beside it. */
async function sendThroughCut(
  request: ProxyRequest,
  { informs = false } = {},
): Promise<number> {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  const cut = new CutSession();
  cut.informs = informs;
  tunnel.attach(cut);
  tunnel.attach(new GoodSession());
  const tunnels = [tunnel];
  const reauthorize = () => Promise.resolve({ tunnels });
  const authorized = { tunnels, reauthorize };
  return (await dispatch(request, { ...CONTEXT, ...authorized })).status;
}

for (const method of ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]) {
  Deno.test(`${method} without content is sent again when its session was lost before the response`, async () => {
    assert.equal(await sendThroughCut({ ...REQUEST, method }), 204);
  });
}

const { kind: _kind, path: _path, body: _body, ...HEAD } = REQUEST;
const EMPTY = { length: 0, trailers: undefined, cancel() {} };
const CONTENT = { ...EMPTY, read: () => Promise.resolve(null) };

for (
  const [what, request] of [
    ["POST", { ...REQUEST, method: "POST" }],
    ["a method that nobody knows", { ...REQUEST, method: "MOVE" }],
    ["PUT with content", { ...REQUEST, method: "PUT", body: CONTENT }],
    ["CONNECT", { ...HEAD, kind: "connect", method: "CONNECT" }],
    ["an upgrade", {
      ...HEAD,
      kind: "upgrade",
      path: "/",
      protocol: "websocket",
    }],
  ] as const satisfies readonly (readonly [string, ProxyRequest])[]
) {
  Deno.test(`${what} that the client may have begun is not sent again`, async () => {
    await assert.rejects(sendThroughCut(request), { code: "sessionLost" });
  });
}

Deno.test("a request with an interim response is not sent again", async () => {
  await assert.rejects(sendThroughCut(REQUEST, { informs: true }), {
    code: "sessionLost",
  });
});

Deno.test("an exchange that loses every session is given up, and says that it was lost", async () => {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  const sessions = Array.from({ length: 5 }, () => new CutSession());
  for (const session of sessions) tunnel.attach(session);
  const tunnels = [tunnel];

  await assert.rejects(
    dispatch(REQUEST, {
      ...CONTEXT,
      tunnels,
      reauthorize: () => Promise.resolve({ tunnels }),
    }),
    { code: "sessionLost" },
  );
  assert.equal(tunnel.sessions.length, 2);
});

Deno.test("an exchange that was lost says so when the tunnel has ended meanwhile", async () => {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  tunnel.attach(new CutSession());
  const reauthorize = () =>
    Promise.reject(new ProxyError("noSuchTunnel", "lab"));

  await assert.rejects(
    dispatch(REQUEST, { ...CONTEXT, tunnels: [tunnel], reauthorize }),
    { code: "sessionLost" },
  );
});

/** A session that fails before it has sent anything. */
class UnsentSession extends FakeSession {
  code: TunnelErrorCode = "lost";

  override readonly handler: Handler = () => {
    this.cut();
    const options = { retryable: true, isUnsent: true };
    return Promise.reject(new TunnelError(this.code, "No", options));
  };
}

Deno.test("content that was not read yet goes to another session", async () => {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  tunnel.attach(new UnsentSession());
  tunnel.attach(new GoodSession());
  const tunnels = [tunnel];
  const reauthorize = () => Promise.resolve({ tunnels });

  const { status } = await dispatch(
    { ...REQUEST, method: "POST", body: CONTENT },
    { ...CONTEXT, tunnels, reauthorize },
  );

  assert.equal(status, 204);
});

Deno.test("a client that allows no more requests is a full tunnel, at once", async () => {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  const full = Object.assign(new UnsentSession(), { code: "full" });
  tunnel.attach(full);
  const reauthorize = () => assert.fail("More waiting does not help");

  await assert.rejects(
    dispatch(REQUEST, { ...CONTEXT, tunnels: [tunnel], reauthorize }),
    { code: "tunnelFull", status: 503 },
  );
});

/** Notes whether exchanges may be given up for another session, and is lost. */
class NotingSession extends FakeSession {
  readonly noted: (boolean | undefined)[];

  constructor(noted: (boolean | undefined)[]) {
    super();
    this.noted = noted;
  }

  override readonly handler: TunnelSession["handler"] = (
    _request,
    { isMovable },
  ) => {
    this.noted.push(isMovable);
    this.cut();
    return Promise.reject(new TunnelError("lost", "It is gone"));
  };
}

for (
  const [method, times, expected] of [
    ["GET", "once", [true, false, false]],
    ["POST", "never", [false]],
  ] as const
) {
  Deno.test(`${method} may be moved to another session ${times}`, async () => {
    const noted: (boolean | undefined)[] = [];
    const registry = new TunnelRegistry();
    const { tunnel } = registry.create({ owner: "ann", name: "lab" });
    for (let count = 0; count < 3; count++) {
      tunnel.attach(new NotingSession(noted));
    }
    const tunnels = [tunnel];
    const reauthorize = () => Promise.resolve({ tunnels });

    await assert.rejects(
      dispatch({ ...REQUEST, method }, { ...CONTEXT, tunnels, reauthorize }),
      { code: "sessionLost" },
    );

    assert.deepEqual(noted, expected);
  });
}

/** A session that keeps exchanges running until the test ends them. */
class SlowSession extends GoodSession {
  readonly ends: (() => void)[] = [];

  override readonly handler: TunnelSession["handler"] = (
    _request,
    { onClosed = () => {} },
  ) => {
    this.openExchanges += 1;
    this.ends.push(() => {
      this.openExchanges -= 1;
      onClosed(false);
    });
    return Promise.resolve({
      kind: "response",
      status: 204,
      fields: new Fields(),
      body: undefined,
    });
  };
}

Deno.test("exchanges of one job are one running job until the last has ended", async () => {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  const session = new SlowSession();
  tunnel.attach(session);
  const tunnels = [tunnel];
  for (const job of ["a", "a", "b", undefined, undefined]) {
    const reauthorize = () => Promise.resolve({ tunnels, job });
    await dispatch(REQUEST, { ...CONTEXT, tunnels, job, reauthorize });
  }

  const counts = [[tunnel.jobsRunning, tunnel.otherExchanges]];
  for (const end of session.ends) {
    end();
    counts.push([tunnel.jobsRunning, tunnel.otherExchanges]);
  }

  assert.deepEqual(counts, [[4, 2], [4, 2], [3, 2], [2, 2], [1, 1], [0, 0]]);
});

Deno.test("a request goes through the tunnel with the fewest exchanges, and the first of those", async () => {
  const registry = new TunnelRegistry();
  const spec = { owner: "ann", name: "lab", pool: true };
  const sessions = [2, 1, 1, 3].map((openExchanges) =>
    Object.assign(new SlowSession(), { openExchanges })
  );
  const tunnels = sessions.map((session) => {
    const { tunnel } = registry.create(spec);
    tunnel.attach(session);
    return tunnel;
  });
  const reauthorize = () => Promise.resolve({ tunnels });

  for (let count = 0; count < 4; count++) {
    await dispatch(REQUEST, { ...CONTEXT, tunnels, reauthorize });
  }

  assert.deepEqual(
    sessions.map(({ openExchanges }) => openExchanges),
    [3, 3, 2, 3],
  );
});

Deno.test("interim responses reach the browser", async () => {
  const { tunnel } = new TunnelRegistry().create({ owner: "ann", name: "lab" });
  const session = Object.assign(new CutSession(), { informs: true });
  tunnel.attach(session);
  const tunnels = [tunnel];
  const reauthorize = () => Promise.resolve({ tunnels });
  const interim: number[] = [];
  const inform = (status: number) => void interim.push(status);

  await assert.rejects(
    dispatch(REQUEST, { ...CONTEXT, tunnels, reauthorize, inform }),
  );

  assert.deepEqual(interim, [103]);
});

Deno.test("a request that is sent again is logged", async () => {
  await using log = await recordLog();

  await sendThroughCut(REQUEST);

  assert.partialDeepStrictEqual(
    log.matching("request is sent again").map(({ fields }) => fields),
    [{ id: "1", tunnel: "lab", attempt: 1, code: "sessionLost" }],
  );
});

Deno.test("what fails is noted with the tunnel that it failed at", async () => {
  const registry = new TunnelRegistry();
  const spec = { owner: "ann", name: "lab", pool: true };
  const [one, two] = [0, 1].map(() => registry.create(spec).tunnel);
  assert.ok(one && two);
  one.attach(new CutSession());
  const tunnels = [one, two];
  const reauthorize = () => Promise.resolve({ tunnels });

  await assert.rejects(dispatch(REQUEST, { ...CONTEXT, tunnels, reauthorize }));
  await assert.rejects(dispatch(REQUEST, { ...CONTEXT, tunnels, reauthorize }));

  const reasonsOf = (tunnel: typeof one) =>
    tunnel.failures.list().map(({ reason }) => reason);
  assert.deepEqual(reasonsOf(one), ["no_session", "session_lost"]);
  assert.deepEqual(reasonsOf(two), ["no_session"]);
});

/** A session whose exchanges fail as the test says. */
class FailingSession extends FakeSession {
  calls = 0;
  readonly #failure: Error;

  constructor(failure: Error) {
    super();
    this.#failure = failure;
  }

  override readonly handler: Handler = () => {
    this.calls++;
    return Promise.reject(this.#failure);
  };
}

Deno.test("an error that is not of the tunnel passes as it is, and is not sent again", async () => {
  const failure = new Http1Error("malformed", "The content is malformed");
  const session = new FailingSession(failure);
  const { tunnel } = new TunnelRegistry().create({ owner: "ann", name: "lab" });
  tunnel.attach(session);
  const tunnels = [tunnel];
  const reauthorize = () => Promise.resolve({ tunnels });

  await assert.rejects(
    dispatch(REQUEST, { ...CONTEXT, tunnels, reauthorize }),
    (error) => error === failure,
  );

  assert.equal(session.calls, 1);
  assert.deepEqual(tunnel.failures.list(), []);
});

Deno.test.each(
  [
    ["GET", REQUEST, true],
    ["POST without content", { ...REQUEST, method: "POST" }, true],
    ["CONNECT", { ...HEAD, kind: "connect", method: "CONNECT" }, true],
    ["PUT with content", { ...REQUEST, method: "PUT", body: CONTENT }, false],
  ] as const satisfies readonly (readonly [string, ProxyRequest, boolean])[],
)(
  "%s that the client did not begin is sent again, unless it has content",
  async (_what, request, again) => {
    const { tunnel } = new TunnelRegistry().create({
      owner: "ann",
      name: "lab",
    });
    const first = new LostSession();
    tunnel.attach(first);
    const good = new GoodSession();
    const tunnels = [tunnel];
    const reauthorize = () => {
      tunnel.attach(good);
      return Promise.resolve({ tunnels });
    };

    const outcome = await dispatch(request, {
      ...CONTEXT,
      tunnels,
      reauthorize,
    })
      .then(({ status }) => status, ({ code }) => code);

    assert.equal(outcome, again ? 204 : "sessionLost");
  },
);

Deno.test("an error page of the client is noted with its tunnel, and a page of a site is not", async () => {
  const { tunnel } = new TunnelRegistry().create({ owner: "ann", name: "lab" });
  const pages = [
    new Fields(["X-Sallyport-Error", "dns_not_found No such host"]),
    new Fields(["X-Other", "dns_not_found"]),
  ];
  const session = Object.assign(new FakeSession(), {
    handler: () =>
      Promise.resolve({
        kind: "response" as const,
        status: 502,
        fields: pages.shift() ?? new Fields(),
        body: undefined,
      }),
  });
  tunnel.attach(session);
  const tunnels = [tunnel];
  const reauthorize = () => Promise.resolve({ tunnels });

  for (let count = 0; count < 2; count++) {
    await dispatch(REQUEST, { ...CONTEXT, tunnels, reauthorize });
  }

  assert.deepEqual(
    tunnel.failures.list().map(({ reason, status }) => [reason, status]),
    [["dns_not_found", 502]],
  );
});
