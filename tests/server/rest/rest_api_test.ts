import assert from "node:assert/strict";
import {
  downloadReply,
  updatesReply,
  versionsReply,
} from "../../../src/api/resources/client_messages.ts";
import { FAILURE_WINDOW } from "../../../src/api/serving/failure_limits.ts";
import { recordLog } from "../../testing/event_log.ts";
import { BROWSER_CA, errorOf, RestWorld } from "../rest_world.ts";

Deno.test("the API requires credentials", async () => {
  await using world = await RestWorld.open();

  const response = await world.anonymous("ann/tunnels");

  assert.match(response.headers.get("www-authenticate") ?? "", /^Basic realm=/);
  assert.match(
    await errorOf(response, 401),
    /^Authentication required: user name and access key/,
  );
});

for (const field of ["Bearer abc", "Basic", "Basic !!!", "Basic YW5u"]) {
  Deno.test(`the API refuses the credentials "${field}"`, async () => {
    await using world = await RestWorld.open();

    const response = await world.anonymous("ann/tunnels", {
      headers: { "Authorization": field },
    });

    await errorOf(response, 401);
  });
}

Deno.test("the API refuses a wrong key and an unknown user alike", async () => {
  await using world = await RestWorld.open();

  const wrong = await world.call("ann/tunnels", { key: "wrong" });
  const unknown = await world.call("eve/tunnels", { user: "eve" });

  assert.equal(await errorOf(wrong, 401), await errorOf(unknown, 401));
});

Deno.test("the API makes an address wait after ten failed logins of a user", async () => {
  await using world = await RestWorld.open();
  for (let count = 0; count < 10; count++) {
    await errorOf(await world.call("ann/tunnels", { key: "wrong" }), 401);
  }

  const locked = await world.call("ann/tunnels");
  assert.equal(locked.headers.get("retry-after"), "60");
  assert.match(await errorOf(locked, 429), /wait a minute/);
  const elsewhere = await world.call("ann/tunnels", { from: "192.0.2.8" });
  assert.equal(elsewhere.status, 200);

  world.clock.advance(FAILURE_WINDOW);
  assert.equal((await world.call("ann/tunnels")).status, 200);
});

Deno.test("the API shows nobody another user's paths", async () => {
  await using world = await RestWorld.open();

  for (const path of ["tunnels", "all_tunnels", "tunnels/info/updates"]) {
    const response = await world.call(`ann/${path}`, { user: "bob" });
    assert.match(await errorOf(response, 404), /^Cannot find user "ann"/);
  }
});

Deno.test("the API refuses unknown paths and methods with a sentence", async () => {
  await using world = await RestWorld.open();

  assert.equal(
    await errorOf(await world.call("ann/tunnel"), 404),
    'Cannot GET "/rest/v1/ann/tunnel": no such path',
  );
  const put = await world.call("ann/tunnels", { method: "PUT" });
  assert.equal(put.headers.get("allow"), "POST, GET, DELETE, HEAD");
  assert.equal(
    await errorOf(put, 405),
    'Cannot PUT "/rest/v1/ann/tunnels": use POST or GET or DELETE',
  );
  await errorOf(await world.call("ann/tunnels/short-id"), 404);
});

Deno.test("the API sets headers that keep browsers from misusing responses", async () => {
  await using world = await RestWorld.open();

  const responses = [
    await world.call("ann/tunnels"),
    await world.anonymous("ann/tunnels"),
  ];

  for (const { headers } of responses) {
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(
      headers.get("content-security-policy"),
      "default-src 'none'; frame-ancestors 'none'",
    );
    assert.equal(headers.get("strict-transport-security"), null);
  }
});

Deno.test("the API refuses changes that a page of another site sends", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");

  const response = await world.call(`ann/tunnels/${id}/probe`, {
    method: "POST",
    headers: { "Sec-Fetch-Site": "cross-site" },
  });

  assert.match(await errorOf(response, 403), /another site/);
});

Deno.test("the API refuses a content of more than 1 MiB", async () => {
  await using world = await RestWorld.open();

  const response = await world.call("ann/tunnels", {
    method: "POST",
    body: { tunnel_identifier: "x".repeat(1024 * 1024) },
  });

  assert.match(
    await errorOf(response, 413),
    /^Request body too large: the limit is 1048576 bytes$/,
  );
});

Deno.test("anybody may read the versions", async () => {
  await using world = await RestWorld.open();
  const path = "public/tunnels/info/versions";

  const plain = versionsReply.parse(await (await world.anonymous(path)).json());
  const asked = async (version: string) =>
    versionsReply.parse(
      await (await world.anonymous(`${path}?client_version=${version}`)).json(),
    );

  assert.equal(plain.latest_version, "1.2.3");
  assert.equal(plain.status, "OK");
  assert.equal((await asked("1.2.3")).status, "OK");
  assert.equal((await asked("1.10.0")).status, "OK");
  assert.equal((await asked("1.2.2")).status, "UPGRADE");
  assert.equal((await asked("0.9.9")).client_version, "0.9.9");
  assert.deepEqual((await asked("1.2.3&all=1")).all_downloads, { "1.2.3": {} });
});

Deno.test("updates give a client its numbers, its region and a warning when it is old", async () => {
  await using world = await RestWorld.open();

  const response = await world.call(
    "ann/tunnels/info/updates?client_version=1.1.9&tunnel_name=shop&tunnel_pool=0&client_host=linux",
  );

  const reply = updatesReply.parse(await response.json());
  assert.deepEqual(reply.fatal, []);
  assert.equal(reply.warning.length, 1);
  assert.equal(reply.configuration.client_status_interval, 30);
  assert.equal(reply.configuration.job_wait_timeout, 10_800);
  assert.deepEqual(reply.configuration.regions, [
    { name: "default", url: "https://lab.test:8443/rest/v1" },
  ]);
});

Deno.test("updates name a query parameter that is unknown, wrong or given twice", async () => {
  await using world = await RestWorld.open();
  const asked = async (query: string) =>
    await errorOf(await world.call(`ann/tunnels/info/updates?${query}`), 400);

  assert.equal(await asked("tunel_name=x"), 'Unknown parameter "tunel_name"');
  assert.match(
    await asked("tunnel_pool=maybe"),
    /^Wrong parameter "tunnel_pool"/,
  );
  assert.match(await asked("region=a&region=b"), /"region" is given twice/);
});

Deno.test("the API gives the CA for test browsers to everybody", async () => {
  await using world = await RestWorld.open();

  const response = await world.anonymous("public/ca.pem");

  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/x-pem-file");
  assert.equal(await response.text(), BROWSER_CA);
});

Deno.test("a program that wants to download the client gets the refusal in its own form", async () => {
  await using world = await RestWorld.open();

  const response = await world.anonymous(
    "public/tunnels/sauce-connect/download?os=linux&arch=x86_64&version=5.2",
  );

  assert.equal(response.status, 200);
  const { error } = downloadReply.parse(await response.json());
  assert.equal(error.code, 404);
  assert.match(error.message, /offers no downloads, install sallyport/);
});

Deno.test("the report of a crash becomes a line of the log, of bounded length and without the client's own log", async () => {
  await using world = await RestWorld.open();
  await using log = await recordLog();

  const response = await world.call("ann/errors", {
    method: "POST",
    body: { Info: `panic: ${"x".repeat(5000)}`, Logs: "hush", Tunnel: "t1" },
  });

  assert.deepEqual(await response.json(), { result: true });
  const [event, ...more] = log.all;
  assert.deepEqual(more, []);
  assert.deepEqual([event?.level, event?.message], ["warn", "client crashed"]);
  const { user, tunnel, info } = event?.fields ?? {};
  assert.deepEqual([user, tunnel], ["ann", "t1"]);
  assert.match(String(info), /^panic: x+$/);
  const text = JSON.stringify(event);
  assert.ok(text.length < 1200 && !text.includes("hush"));
});
