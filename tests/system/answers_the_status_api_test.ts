import assert from "node:assert/strict";
import { z } from "zod";
import { startOrigin } from "../testing/origin.ts";
import { runProgram } from "../testing/process.ts";
import { get, open } from "../testing/browser.ts";
import {
  type ClientProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";

interface Reply {
  readonly status: number;
  /** The media type without spaces. */
  readonly type: string | undefined;
  readonly text: string;
}

async function ask(
  { apiUrl }: ClientProgram,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const answer = await fetch(apiUrl + path, { headers });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  return {
    status: answer.status,
    type: answer.headers.get("content-type")?.replaceAll(" ", ""),
    text: await answer.text(),
  };
}

const TEXT = "text/plain;charset=UTF-8";

const INFO = z.strictObject({
  tunnel_id: z.string().regex(/^[0-9a-f]{32}$/),
  tunnel_name: z.literal("lab"),
  tunnel_server: z.string().regex(/^127\.0\.0\.1:\d+$/),
  tunnel_host: z.literal("127.0.0.1"),
  proxy: z.string().regex(/^127\.0\.0\.1:\d+$/),
  dedicated_proxy: z.null(),
  state: z.literal("ready"),
  state_since: z.iso.datetime(),
  started: z.iso.datetime(),
  reconnects: z.literal(0),
  last_error: z.null(),
  heartbeats: z.strictObject({
    failures: z.literal(0),
    failing_since: z.null(),
    error: z.null(),
  }),
  connections: z.array(z.strictObject({
    connection: z.int(),
    remote: z.string().regex(/^127\.0\.0\.1:\d+$/),
    since: z.iso.datetime(),
    streams: z.int(),
    bytes_sent: z.int().positive(),
    bytes_received: z.int().positive(),
    window_stalls: z.int().nonnegative(),
    round_trip_time: z.number().nullable(),
  })).length(2),
  plugins: z.array(z.string()).length(0),
  failing_plugins: z.array(z.unknown()).length(0),
  rules: z.strictObject({}),
});

const OPEN_API = z.object({
  openapi: z.literal("3.1.0"),
  paths: z.record(z.string(), z.object({ get: z.object({}) })),
});

const VERSION = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+/),
});

Deno.test("the status API of a client that is up says so in the documented forms", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);

  const ready = await ask(client, "readyz");
  const health = await ask(client, "healthz");
  const info = await ask(client, "info");
  const version = await ask(client, "version");
  const configz = await ask(client, "configz");
  const index = await ask(client, "");
  const document = await ask(client, "openapi.json");
  const noPac = await ask(client, "pac");
  const nothing = await ask(client, "nothing");

  assert.deepEqual(ready, { status: 200, type: TEXT, text: "OK" });
  assert.deepEqual(health, { status: 200, type: TEXT, text: "OK" });
  assert.equal(info.type, "application/json");
  const { proxy, tunnel_server } = INFO.parse(JSON.parse(info.text));
  assert.equal(proxy, `127.0.0.1:${server.proxyPort}`);
  assert.equal(tunnel_server, `127.0.0.1:${server.tunnelPort}`);
  assert.equal(version.type, "application/json");
  VERSION.parse(JSON.parse(version.text));
  assert.equal(configz.type, TEXT);
  assert.match(configz.text, /^tunnel-name=lab$/m);
  assert.match(configz.text, /^access-key=xxxxx$/m);
  assert.equal(index.type, "text/html;charset=UTF-8");
  assert.match(index.text, /<a href="\/metrics">/);
  assert.equal(noPac.status, 404);
  assert.doesNotMatch(index.text, /"\/pac"/);
  assert.equal(nothing.status, 404);
  const { paths } = OPEN_API.parse(JSON.parse(document.text));
  for (const [, path = ""] of index.text.matchAll(/<a href="([^"]+)">/g)) {
    assert.ok(path in paths, `${path} is not documented`);
  }
});

Deno.test("the metrics count what passes", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);
  await using origin = await startOrigin();
  const { proxy } = server;
  using _held = await open(`${origin.url}/hold-body/x`, proxy);
  await get(`${origin.url}/status/418`, proxy);
  await get("http://nowhere.invalid/", proxy);

  const { status, type, text } = await ask(client, "metrics");

  assert.equal(status, 200);
  assert.match(type ?? "", /^text\/plain;version=0\.0\.4/);
  const samples = text.split("\n").filter((line) =>
    line !== "" && !line.startsWith("#")
  );
  assert.ok(
    samples.some((line) => /_requests_total\{.*code="418".*\} 1$/.test(line)),
    text,
  );
  assert.ok(
    samples.some((line) =>
      /_errors_total\{.*reason="name_not_found".*\} 1$/.test(line)
    ),
    text,
  );
  for (const line of samples) assert.match(line, /^\w+(\{.*\})? [\d.e+-]+$/);
});

Deno.test("the status API requires its credentials, and takes no others", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server, {
    args: ["--api-basic-auth=probe:s3cr3t"],
  });
  const basic = (text: string) => ({ Authorization: `Basic ${btoa(text)}` });
  const paths = ["", "readyz", "healthz", "info", "version", "configz"];

  for (const path of [...paths, "metrics"]) {
    const without = await fetch(client.apiUrl + path);
    await without.body?.cancel();
    const wrong = await fetch(client.apiUrl + path, {
      headers: basic("probe:wrong"),
    });
    await wrong.body?.cancel();
    const right = await ask(client, path, basic("probe:s3cr3t"));

    assert.deepEqual(
      [without.status, wrong.status, right.status],
      [401, 401, 200],
      path,
    );
    assert.match(without.headers.get("www-authenticate") ?? "", /^Basic /);
  }
});

Deno.test(
  "sallyport ready tells by its exit code whether tests may start",
  SIGNALS,
  async () => {
    await using server = await startServerProgram();
    await using client = await startClientProgram(server);
    const address = new URL(client.apiUrl).host;

    const up = await runProgram(["ready", `--api-address=${address}`]);
    client.process.signal("SIGTERM");
    await client.process.exit();
    const gone = await runProgram(["ready"], {
      env: { SALLYPORT_API_ADDRESS: address },
    });

    assert.deepEqual(up, { code: 0, stdout: "ready\n", stderr: "" });
    assert.deepEqual(gone, {
      code: 1,
      stdout: "",
      stderr:
        `sallyport: Cannot reach the client at "${address}": connection failed, check that it runs with this --api-address\n`,
    });
  },
);

Deno.test("sallyport ready tells a client that is not ready, and one that wants credentials", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server, {
    args: ["--api-basic-auth=probe:s3cr3t"],
  });
  const address = new URL(client.apiUrl).host;
  const args = ["ready", `--api-address=${address}`];

  const stranger = await runProgram(args);
  server.process.signal("SIGKILL");
  await client.process.event("connect failed");
  const lost = await runProgram([...args, "--api-basic-auth=probe:s3cr3t"]);

  assert.equal(stranger.code, 1);
  assert.match(
    stranger.stderr,
    /it requires credentials, set --api-basic-auth\n$/,
  );
  assert.equal(lost.code, 1);
  assert.equal(
    lost.stderr,
    `sallyport: Cannot start tests: the client at "${address}" is not ready (503), wait until it is\n`,
  );
});
