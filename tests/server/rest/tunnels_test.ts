// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import {
  heartbeatReply,
  probedReply,
} from "../../../src/api/resources/client_messages.ts";
import {
  jobsReply,
  stoppedReply,
} from "../../../src/api/resources/tunnel_replies.ts";
import {
  type TunnelState,
  tunnelState,
} from "../../../src/api/resources/tunnel_resource.ts";
import { errorOf, RestWorld } from "../rest_world.ts";

const HEARTBEAT = {
  kgp_is_connected: true,
  kgp_seconds_since_last_status_change: 3,
} as const;

Deno.test("POST tunnels creates a tunnel and tells its client all it needs", async () => {
  await using world = await RestWorld.open();

  const created = await world.create("my shop");

  const now = world.clock.now() / 1000;
  assert.match(created.id, /^[0-9a-f]{32}$/);
  assert.equal(created.owner, "ann");
  assert.equal(created.tunnel_identifier, "my shop");
  assert.equal(created.status, "new");
  assert.equal(created.is_ready, false);
  assert.equal(created.creation_time, now);
  assert.equal(created.launch_time, null);
  assert.equal(created.user_shutdown, null);
  assert.equal(created.host, "lab.test");
  assert.equal(created.tunnel_host, "lab.test");
  assert.equal(created.tunnel_port, 8444);
  assert.equal(created.proxy_port, 8080);
  assert.equal(created.proxy_username, "ann+my shop");
  const tunnel = world.tunnel(created.id);
  assert.equal(world.registry.findByToken(created.tunnel_token), tunnel);
  assert.equal(tunnel.acceptsProxyPassword(created.proxy_password), true);
});

Deno.test("POST tunnels keeps all that Sauce Connect's clients send", async () => {
  await using world = await RestWorld.open();
  const metadata = {
    build: "42",
    command: "run",
    command_args: '{"tunnel-name":"shop"}',
    external_proxy: "",
    extra: { runner: "jenkins" },
    git_version: "abc",
    hostname: "ci-7",
    host_cpu: "cpus:1,cores:4",
    host_memory: 17_179_398_144,
    nofile_limit: 1_073_741_816,
    platform: "linux",
    release: "5.2.2",
  };
  const rules = {
    deny_domains: ["ads\\."],
    tunnel_domains: ["shop\\.test$", "-cdn"],
    tls_resign_domains: ["all"],
  };

  const response = await world.call("ann/tunnels", {
    method: "POST",
    body: {
      tunnel_identifier: "shop",
      protocol: "h2c",
      shared: "all",
      shared_tunnel: true,
      tunnel_pool: true,
      metadata,
      ...rules,
    },
  });

  const state = tunnelState.parse(await response.json());
  assert.deepEqual(state.metadata, metadata);
  assert.deepEqual(state.tunnel_domains, rules.tunnel_domains);
  assert.deepEqual(world.tunnel(state.id).rules, rules);
  assert.equal(state.shared, "all");
  assert.equal(state.tunnel_pool, true);
});

Deno.test("POST tunnels advertises the configured host before the one of the request", async () => {
  await using world = await RestWorld.open();
  world.externalHost = "tunnels.example.com";

  const created = await world.create("shop");

  assert.equal(created.tunnel_host, "tunnels.example.com");
  assert.equal(created.proxy_host, "tunnels.example.com");
});

const WRONG_BODIES: readonly (readonly [unknown, RegExp])[] = [
  [{}, /"tunnel_identifier"/],
  [[], /^Wrong body: /],
  [{ tunnel_identifier: 7 }, /^Wrong field "tunnel_identifier": .*string/],
  [{ tunnel_identifier: "" }, /"tunnel_identifier"/],
  [{ tunnel_identifier: "a:b" }, /"tunnel_identifier": .*without a colon/],
  [{ tunnel_identifier: " a" }, /"tunnel_identifier"/],
  [{ tunnel_identifier: "ä" }, /"tunnel_identifier"/],
  [{ tunnel_identifier: "x".repeat(256) }, /"tunnel_identifier"/],
  [
    { tunel_identifier: "a", tunnel_identifier: "a" },
    /^Unknown field "tunel_identifier"$/,
  ],
  [{ tunnel_identifier: "a", protocol: "kgp" }, /"protocol"/],
  [{ tunnel_identifier: "a", shared: "team" }, /"shared"/],
  [{ tunnel_identifier: "a", tunnel_pool: "yes" }, /"tunnel_pool"/],
  [{ tunnel_identifier: "a", deny_domains: "x" }, /"deny_domains"/],
  [
    { tunnel_identifier: "a", tls_resign_domains: ["ok", "sh[op"] },
    /"tls_resign_domains": invalid regular expression "sh\[op": missing closing \]/,
  ],
  [
    { tunnel_identifier: "a", tls_passthrough_domains: ["-ok"] },
    /"tls_passthrough_domains": every entry excludes/,
  ],
  [{ tunnel_identifier: "a", deny_domains: [1] }, /"deny_domains\.0"/],
  [
    { tunnel_identifier: "a", metadata: { colour: "red" } },
    /^Unknown field "metadata\.colour"$/,
  ],
  [
    { tunnel_identifier: "a", metadata: { extra: { a: 1 } } },
    /"metadata\.extra\.a"/,
  ],
  [
    { tunnel_identifier: "a", tunnel_domains: ["a"], direct_domains: ["b"] },
    /"direct_domains": excludes tunnel_domains/,
  ],
  [
    {
      tunnel_identifier: "a",
      tls_resign_domains: ["a"],
      tls_passthrough_domains: ["b"],
    },
    /"tls_passthrough_domains": excludes tls_resign_domains/,
  ],
];

for (const [body, sentence] of WRONG_BODIES) {
  const text = JSON.stringify(body).slice(0, 80);
  Deno.test(`POST tunnels refuses ${text} and creates nothing`, async () => {
    await using world = await RestWorld.open();

    const response = await world.call("ann/tunnels", { method: "POST", body });

    assert.match(await errorOf(response, 400), sentence);
    assert.deepEqual(world.registry.list({ ended: true }), []);
  });
}

Deno.test("POST tunnels refuses content that is not JSON or not said to be", async () => {
  await using world = await RestWorld.open();

  const form = await world.call("ann/tunnels", {
    method: "POST",
    body: { tunnel_identifier: "a" },
    headers: { "Content-Type": "text/plain" },
  });
  assert.match(await errorOf(form, 415), /application\/json/);

  const empty = await world.call("ann/tunnels", {
    method: "POST",
    headers: { "Content-Type": "application/json; charset=utf-8" },
  });
  assert.match(await errorOf(empty, 400), /it is not JSON/);
});

Deno.test("POST tunnels refuses one tunnel too many as Sauce Connect does", async () => {
  await using world = await RestWorld.open();
  for (const name of ["a", "b", "c"]) await world.create(name);

  const response = await world.call("ann/tunnels", {
    method: "POST",
    body: { tunnel_identifier: "d" },
  });

  assert.match(await errorOf(response, 400), /^Too many active tunnels: 4 > 3/);
});

Deno.test("POST tunnels of a server that is stopping says when to come back, and creates nothing", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  world.isStopping = true;

  const response = await world.call("ann/tunnels", {
    method: "POST",
    body: { tunnel_identifier: "lab" },
  });

  assert.equal(response.headers.get("retry-after"), "5");
  assert.equal(
    await errorOf(response, 503),
    "The server is shutting down and accepts no new tunnels, try again in 5 s",
  );
  assert.deepEqual(world.registry.list().map((each) => each.id), [id]);
  const probe = await world.call(`ann/tunnels/${id}/probe`, { method: "POST" });
  assert.equal(probe.headers.get("retry-after"), "5");
  await errorOf(probe, 503);
  for (const path of [`ann/tunnels/${id}`, "ann/tunnels"]) {
    assert.equal((await world.call(path)).status, 200, path);
  }
  const stopped = await world.call(`ann/tunnels/${id}`, { method: "DELETE" });
  assert.equal(stopped.status, 200);
});

Deno.test("POST tunnels replaces a tunnel of the same name", async () => {
  await using world = await RestWorld.open();
  const old = await world.create("shop");

  const young = await world.create("shop");
  await world.tunnel(old.id).terminated;

  const state = await tunnelOf(world, old.id);
  assert.equal(state.status, "terminated");
  const time = Math.floor(world.clock.now() / 1000);
  const { shutdown_reason: reason, replaced_by: by } = state;
  assert.match(String(reason), /^replaced by ann \(\S+\) at 20.* UTC$/);
  assert.deepEqual({ ...by, address: "" }, {
    user: "ann",
    host: null,
    address: "",
    time,
  });
  assert.match(String(reason), new RegExp(`\\(${by?.address}\\)`));
  assert.equal(state.user_shutdown, false);
  assert.equal((await tunnelOf(world, young.id)).replaced_by, null);
  assert.equal(world.tunnel(young.id).status, "new");
});

Deno.test("GET tunnel tells is_ready only while a session is attached", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  const state = async () =>
    tunnelState.parse(await (await world.call(`ann/tunnels/${id}`)).json());
  world.clock.advance(10_000);

  assert.equal((await state()).is_ready, false);
  const session = world.connect(id);
  const running = await state();
  assert.equal(running.is_ready, true);
  assert.equal(running.status, "running");
  assert.equal(running.launch_time, running.creation_time + 10);
  session.cut();
  await assert.rejects(session.done);
  assert.equal((await state()).is_ready, false);
});

Deno.test("all routes of a tunnel hide it from other users and without its id", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  const routes: readonly (readonly [string, string, unknown?])[] = [
    ["GET", ""],
    ["DELETE", ""],
    ["GET", "/num_jobs"],
    ["POST", "/connected", HEARTBEAT],
    ["POST", "/probe"],
  ];

  for (const [method, path, body] of routes) {
    const foreign = await world.call(`bob/tunnels/${id}${path}`, {
      method,
      user: "bob",
      body,
    });
    assert.match(await errorOf(foreign, 404), /^Cannot find tunnel/);
    const unknown = await world.call(`ann/tunnels/${"0".repeat(32)}${path}`, {
      method,
      body,
    });
    assert.match(await errorOf(unknown, 404), /^Cannot find tunnel/);
  }
  assert.equal(world.tunnel(id).isStopping, false);
});

Deno.test("a shared tunnel is shown to other users while it lives, and obeys its owner alone", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop", { user: "bob", shared: "all" });
  world.connect(id, 2);
  const asked = (method: string, path = "", body?: unknown) =>
    world.call(`ann/tunnels/${id}${path}`, { method, body });

  const state = tunnelState.parse(await (await asked("GET")).json());
  const jobs = jobsReply.parse(await (await asked("GET", "/num_jobs")).json());
  await errorOf(await asked("DELETE"), 404);
  await errorOf(await asked("POST", "/connected", HEARTBEAT), 404);
  await errorOf(await asked("POST", "/probe"), 404);
  const isStopping = world.tunnel(id).isStopping;
  await world.call(`bob/tunnels/${id}?wait=0`, {
    method: "DELETE",
    user: "bob",
  });
  await world.tunnel(id).terminated;

  assert.equal(state.owner, "bob");
  assert.equal(jobs.jobs_running, 2);
  assert.equal(isStopping, false);
  await errorOf(await asked("GET"), 404);
});

Deno.test("DELETE tunnel takes it out of use at once and lets jobs finish", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  const session = world.connect(id, 2);

  const response = await world.call(
    `ann/tunnels/${id}?reason=sigterm&wait=1`,
    { method: "DELETE" },
  );

  assert.deepEqual(stoppedReply.parse(await response.json()), {
    result: true,
    id,
    jobs_running: 2,
  });
  const tunnel = world.tunnel(id);
  assert.equal(tunnel.pickSession(), undefined);
  const stopping = tunnelState.parse(
    await (await world.call(`ann/tunnels/${id}`)).json(),
  );
  assert.equal(stopping.status, "running");
  assert.equal(stopping.is_ready, false);
  assert.equal(stopping.shutdown_reason, "sigterm");
  assert.equal(stopping.user_shutdown, true);

  session.finishExchange();
  const jobs = jobsReply.parse(
    await (await world.call(`ann/tunnels/${id}/num_jobs`)).json(),
  );
  assert.equal(jobs.jobs_running, 1);
  session.finishExchange();
  await tunnel.terminated;

  const ended = tunnelState.parse(
    await (await world.call(`ann/tunnels/${id}`)).json(),
  );
  assert.equal(ended.status, "terminated");
  assert.equal(ended.shutdown_time, world.clock.now() / 1000);
});

for (
  const query of ["wait=0", "wait_for_jobs=false", "wait=0&wait_for_jobs=0"]
) {
  Deno.test(`DELETE tunnel with ${query} cuts jobs off`, async () => {
    await using world = await RestWorld.open();
    const { id } = await world.create("shop");
    world.connect(id, 2);

    await world.call(`ann/tunnels/${id}?${query}`, { method: "DELETE" });
    await world.tunnel(id).terminated;

    assert.equal(world.tunnel(id).jobsRunning, 0);
  });
}

for (
  const [query, sentence] of [
    ["wait=maybe", /^Wrong parameter "wait"/],
    ["wait=1&wait_for_jobs=0", /"wait_for_jobs": contradicts wait/],
    ["resaon=x", /^Unknown parameter "resaon"$/],
    ["reason=", /^Wrong parameter "reason"/],
  ] as const
) {
  Deno.test(`DELETE tunnel refuses ${query} and stops nothing`, async () => {
    await using world = await RestWorld.open();
    const { id } = await world.create("shop");

    const response = await world.call(`ann/tunnels/${id}?${query}`, {
      method: "DELETE",
    });

    assert.match(await errorOf(response, 400), sentence);
    assert.equal(world.tunnel(id).isStopping, false);
  });
}

Deno.test("DELETE and heartbeat of an ended tunnel are 404 and say why it ended", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  await world.call(`ann/tunnels/${id}?reason=webui`, { method: "DELETE" });
  await world.tunnel(id).terminated;

  const again = await world.call(`ann/tunnels/${id}`, { method: "DELETE" });
  assert.match(await errorOf(again, 404), /it has ended \(webui\)/);
  const heartbeat = await world.call(`ann/tunnels/${id}/connected`, {
    method: "POST",
    body: HEARTBEAT,
  });
  assert.match(await errorOf(heartbeat, 404), /it has ended \(webui\)/);
});

Deno.test("POST connected moves last_connected", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  world.connect(id);
  world.clock.advance(30_000);

  const response = await world.call(`ann/tunnels/${id}/connected`, {
    method: "POST",
    body: {
      ...HEARTBEAT,
      memory: { total: 4, available: 3, used: 1, free: 3 },
    },
  });

  assert.deepEqual(heartbeatReply.parse(await response.json()), {
    id,
    result: true,
  });
  const state = tunnelState.parse(
    await (await world.call(`ann/tunnels/${id}`)).json(),
  );
  assert.equal(state.last_connected, state.creation_time + 30);
});

Deno.test("POST connected names what is wrong", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");

  const response = await world.call(`ann/tunnels/${id}/connected`, {
    method: "POST",
    body: { ...HEARTBEAT, kgp_is_connected: "yes" },
  });

  assert.match(await errorOf(response, 400), /"kgp_is_connected"/);
});

Deno.test("POST probe tells how long a request took there and back", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");

  const response = await world.call(`ann/tunnels/${id}/probe`, {
    method: "POST",
  });

  assert.deepEqual(probedReply.parse(await response.json()), {
    result: true,
    duration: 12.5,
  });
});

Deno.test("POST probe says why no request came through", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  world.probeResult = { ok: false, error: "The tunnel has no session" };

  const response = await world.call(`ann/tunnels/${id}/probe`, {
    method: "POST",
  });

  assert.equal(await errorOf(response, 503), "The tunnel has no session");
});

Deno.test("GET jobs tells the owner which jobs are running, and others nothing", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("lab", { shared: "all" });
  const { jobs } = world.tunnel(id);
  world.connect(id, 4);
  jobs.begin("nightly");
  jobs.begin("nightly");

  const reply = await (await world.call(`ann/tunnels/${id}/jobs`)).json();
  const others = await world.call(`bob/tunnels/${id}/jobs`, { user: "bob" });
  const count = await world.call(`bob/tunnels/${id}/num_jobs`, { user: "bob" });

  const since = Math.floor(world.clock.now() / 1000);
  assert.deepEqual(reply, {
    id,
    jobs_running: 3,
    jobs: [{ id: "nightly", exchanges: 2, since }],
    other_exchanges: 2,
  });
  assert.equal(others.status, 404);
  assert.deepEqual(await count.json(), { id, jobs_running: 3 });
});

Deno.test("DELETE with drain_timeout waits for jobs so many seconds", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("lab");
  world.connect(id, 1);

  await world.call(`ann/tunnels/${id}?drain_timeout=30`, { method: "DELETE" });
  world.clock.advance(29_999);
  assert.equal(world.tunnel(id).jobsRunning, 1);
  world.clock.advance(1);
  await world.tunnel(id).terminated;
});

Deno.test("DELETE of many takes drain_timeout too", async () => {
  await using world = await RestWorld.open();
  const { tunnel } = world.controller.create({
    owner: "ann",
    name: "lab",
    metadata: { extra: { build: "7" } },
  });
  world.connect(tunnel.id, 1);

  const path = "ann/tunnels?metadata=build=7&drain_timeout=30";
  await world.call(path, { method: "DELETE" });

  assert.equal(tunnel.drainUntil, world.clock.now() + 30_000);
});

Deno.test("DELETE of many says how many jobs still run on all of them", async () => {
  await using world = await RestWorld.open();
  const metadata = { extra: { build: "7" } };
  const ids = ["a", "b"].map((name, at) => {
    const { tunnel } = world.controller.create({
      owner: "ann",
      name,
      metadata,
    });
    world.connect(tunnel.id, at + 1);
    return tunnel.id;
  });
  const stop = async (build: number) => {
    const path = `ann/tunnels?metadata=build=${build}`;
    return await (await world.call(path, { method: "DELETE" })).json();
  };

  assert.deepEqual(await stop(8), { result: true, ids: [], jobs_running: 0 });
  const { ids: stopped, ...reply } = await stop(7);
  assert.deepEqual(stopped.toSorted(), ids.toSorted());
  assert.deepEqual(reply, { result: true, jobs_running: 3 });
});

Deno.test("POST remembers which key a tunnel was started with", async () => {
  await using world = await RestWorld.open();
  const key = await world.accounts.addKey("ann", { name: "ci" });

  const response = await world.call("ann/tunnels", {
    method: "POST",
    key,
    body: { tunnel_identifier: "lab" },
  });
  const { id } = await response.json();
  const other = await world.create("other");

  const idOf = (name: string) => world.accounts.findKey("ann", name)?.id;
  assert.match(world.tunnel(id).keyId ?? "", /^[0-9a-f]{32}$/);
  assert.equal(world.tunnel(id).keyId, idOf("ci"));
  assert.equal(world.tunnel(other.id).keyId, idOf("default"));
});

async function tunnelOf(world: RestWorld, id: string): Promise<TunnelState> {
  const response = await world.call(`ann/tunnels/${id}`);
  return tunnelState.parse(await response.json());
}

/** Where the parameters of a stop may be. */
const STOPS = [
  ["the query", "?wait_for_jobs=false&reason=done", undefined],
  ["a JSON body", "", { wait_for_jobs: false, reason: "done" }],
  ["both", "?reason=done", { wait_for_jobs: false }],
  ["both, twice the same", "?wait=false&reason=done", { wait: false }],
] as const;

for (const [where, search, body] of STOPS) {
  Deno.test(`DELETE tunnel does not wait when ${where} says so`, async () => {
    await using world = await RestWorld.open();
    const { id } = await world.create("shop");
    const session = world.connect(id);
    session.openExchanges = 1;

    const response = await world.call(`ann/tunnels/${id}${search}`, {
      method: "DELETE",
      ...body && { body },
    });
    await world.tunnel(id).terminated;

    assert.equal(response.status, 200);
    assert.equal((await tunnelOf(world, id)).shutdown_reason, "done");
  });
}

Deno.test("DELETE tunnels finds the tunnels that a JSON body names", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  const other = await world.create("other");
  const stop = (body: object) =>
    world.call("ann/tunnels", { method: "DELETE", body });

  const none = await stop({ metadata: "build=8" });
  const missing = await stop({});

  assert.deepEqual((await none.json()).ids, []);
  assert.equal(world.tunnel(id).isStopping, false);
  assert.equal(world.tunnel(other.id).isStopping, false);
  assert.match(await errorOf(missing, 400), /metadata/);
});

Deno.test("DELETE tunnel refuses options that it would otherwise not see", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");
  const stop = async (search: string, body: unknown, type?: string) =>
    await world.call(`ann/tunnels/${id}${search}`, {
      method: "DELETE",
      body,
      ...type !== undefined && { headers: { "Content-Type": type } },
    });

  assert.equal(
    await errorOf(await stop("?wait=1", { wait: false }), 400),
    'Wrong field "wait": the query has another value',
  );
  assert.equal(
    await errorOf(await stop("?wait=false", { drain_timeout: 5 }), 400),
    'Wrong parameter "drain_timeout": says how long to wait, and wait says not to',
  );
  assert.equal(
    await errorOf(await stop("", { waitForJobs: false }), 400),
    'Unknown field "waitForJobs"',
  );
  await errorOf(
    await stop("", "wait=0", "application/x-www-form-urlencoded"),
    415,
  );
  assert.equal(world.tunnel(id).isStopping, false);
  assert.equal((await stop("", {})).status, 200);
});

/** Rules that cannot be compiled. That is found out last. */
const WRONG_RULES = { deny_domains: ["("] };

Deno.test("POST tunnels of a server that is stopping looks no further", async () => {
  await using world = await RestWorld.open();
  const body = { tunnel_identifier: "lab", ...WRONG_RULES };
  const create = () => world.call("ann/tunnels", { method: "POST", body });
  await errorOf(await create(), 400);

  world.isStopping = true;

  await errorOf(await create(), 503);
});

Deno.test("POST of one tunnel too many compiles no rules", async () => {
  await using world = await RestWorld.open();
  for (const name of ["a", "b", "c"]) await world.create(name);

  const response = await world.call("ann/tunnels", {
    method: "POST",
    body: { tunnel_identifier: "d", ...WRONG_RULES },
  });

  assert.match(await errorOf(response, 400), /^Too many active tunnels/);
});

Deno.test("POST of too many tunnels at once says when to come back", async () => {
  await using world = await RestWorld.open();
  const responses = await Promise.all(
    Array.from({ length: 40 }, (_, at) =>
      world.call("ann/tunnels", {
        method: "POST",
        body: { tunnel_identifier: `t${at}`, deny_domains: [`^a${at}`] },
      })),
  );

  const busy = responses.filter(({ status }) => status === 429);
  assert.equal(busy.length, 8);
  for (const response of busy) {
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal(
      await errorOf(response, 429),
      'Too many tunnels of "ann" start at once, try again in a moment',
    );
  }
});

Deno.test("a tunnel has no port of its own unless it asks for one", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("lab");
  assert.equal(world.tunnel(id).wantsPort, false);

  const response = await world.call("ann/tunnels", {
    method: "POST",
    body: { tunnel_identifier: "port", dedicated_port: true },
  });

  const state = tunnelState.parse(await response.json());
  assert.equal(world.tunnel(state.id).wantsPort, true);
});

Deno.test("DELETE of many is a stop by their owner", async () => {
  await using world = await RestWorld.open();
  const { tunnel } = world.controller.create({
    owner: "ann",
    name: "lab",
    metadata: { extra: { build: "7" } },
  });

  await world.call("ann/tunnels?metadata=build=7", { method: "DELETE" });
  await tunnel.terminated;

  assert.equal((await tunnelOf(world, tunnel.id)).user_shutdown, true);
});

Deno.test("POST tunnels of a server that begins to stop meanwhile creates nothing", async () => {
  await using world = await RestWorld.open();
  let looks = 0;
  // The rules are compiled after the first look.
  Object.defineProperty(world, "isStopping", { get: () => looks++ > 0 });

  const response = await world.call("ann/tunnels", {
    method: "POST",
    body: { tunnel_identifier: "lab", deny_domains: ["^ads"] },
  });

  await errorOf(response, 503);
  assert.deepEqual(world.registry.list(), []);
});
