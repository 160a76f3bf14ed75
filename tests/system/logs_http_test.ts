/**
 * Promise: `--log-http` logs as much of the messages of each module as its
 * value says, with the trace id on each line and without secrets.
 */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { startClientProgram, startServerProgram } from "./programs.ts";

/** Runs a client with a mode, sends one request to each module, and returns its log lines without times. */
async function logOf(mode: string): Promise<string[]> {
  await using server = await startServerProgram();
  await using origin = await startOrigin();
  await using client = await startClientProgram(server, {
    args: ["--log-format=text", `--log-http=${mode}`],
  });
  const { proxy } = server;
  await get(`${origin.url}/bytes/5?access_token=s3cr3t&a=1`, proxy);
  await get(`${unreachable(origin)}/gone`, proxy);
  await (await fetch(`${client.apiUrl}version`)).body?.cancel();
  client.process.signal("SIGTERM");
  const { stdout, stderr, code } = await client.process.exit();
  assert.deepEqual([code, stderr], [0, ""]);
  assert.doesNotMatch(
    stdout,
    /s3cr3t|demo-key|tunnel_token[^,]{0,5}[0-9a-f]{8}/,
  );
  return stdout.split("\n").map((line) => line.slice(27))
    .filter((line) =>
      /^\[\w+\] \[INFO\] (GET|POST|DELETE|CONNECT) /.test(line)
    );
}

/** A port of this machine where nobody listens. */
function unreachable({ url }: Origin): string {
  return `http://${new URL(url).hostname}:1`;
}

const PROXY = /^\[proxy\] \[INFO\] GET /;
const API = /^\[api\] \[INFO\] GET /;
const CONTROL = /^\[control\] \[INFO\] (GET|POST|DELETE) /;
const URL_LINE =
  /^\[proxy\] \[INFO\] GET http:\/\/[\w.:]+\/bytes\/5\?access_token=xxxxx&a=1 id=\S+ status=200 duration=[\d.]+ms$/;
const SHORT_LINE =
  /^\[proxy\] \[INFO\] GET http:\/\/[\w.:]+\/bytes\/5 id=\d+-[0-9a-f]{8} status=200 duration=[\d.]+ms$/;

const has = (lines: readonly string[], pattern: RegExp) =>
  lines.some((line) => pattern.test(line));

Deno.test("without --log-http's modes no message is logged", async () => {
  assert.deepEqual(await logOf("none"), []);
});

Deno.test("short-url logs the messages of every module without their queries", async () => {
  const lines = await logOf("short-url");

  assert(has(lines, SHORT_LINE), lines.join("\n"));
  assert(
    has(
      lines,
      /^\[api\] \[INFO\] GET http:\/\/[\w.:]+\/version status=200 duration=/,
    ),
  );
  assert(
    has(
      lines,
      /^\[control\] \[INFO\] POST https:\/\/[\w.:]+\/rest\/v1\/demo\/tunnels status=/,
    ),
  );
  assert(!has(lines, /\?|request\.|response\./));
});

Deno.test("url logs queries, of the module alone that it names", async () => {
  const lines = await logOf("proxy:url");

  assert(has(lines, URL_LINE), lines.join("\n"));
  assert(!has(lines, API));
  assert(!has(lines, CONTROL));
});

Deno.test("headers logs header fields, credentials hidden", async () => {
  const lines = await logOf("none,control:headers,api:headers");

  assert(
    has(lines, /^\[control\] .* request\.authorization=xxxxx /),
    lines.join("\n"),
  );
  assert(
    has(
      lines,
      /^\[api\] .* request\.accept=\*\/\* .*response\.content-type=application\/json/,
    ),
  );
  assert(!has(lines, PROXY));
  assert(!has(lines, /\.body=/));
});

Deno.test("body logs content", async () => {
  const lines = await logOf("body");

  assert(
    has(lines, /^\[proxy\] .*\/bytes\/5\?.* response\.body="\(5 bytes of /),
    lines.join("\n"),
  );
  assert(has(lines, /^\[api\] .* response\.body=.*version/));
  assert(
    has(
      lines,
      /^\[control\] \[INFO\] POST .* request\.body=.*tunnel_identifier.*lab/,
    ),
  );
});

/** Runs a server with a mode, sends requests to its page, its API and its proxy, and returns its log lines without times. */
async function serverLogOf(mode: string): Promise<string[]> {
  await using server = await startServerProgram({
    args: ["--log-format=text", `--log-http=${mode}`],
  });
  await using origin = await startOrigin();
  await using secure = await startOrigin("https", ["shop.test"]);
  await using _client = await startClientProgram(server, {
    args: [
      "--tls-resign-domains=localhost",
      "--insecure-domains=localhost",
      "--http-dial-attempts=1",
    ],
  });
  const { proxy } = server;
  await get(`${origin.url}/bytes/5?access_token=s3cr3t&a=1`, proxy);
  await get(`${origin.url}/gone`, { ...proxy, credentials: undefined });
  await get(`${unreachable(origin)}/gone`, proxy);
  await curl([
    ...["--cacert", server.browserCaFile, "--proxy-user", CREDENTIALS],
    ...["--proxy", `http://127.0.0.1:${server.proxyPort}`],
    `https://localhost:${secure.port}/status/204`,
  ]);
  await curl(["--cacert", server.caFile, `${server.url}/healthz`]);
  server.process.signal("SIGTERM");
  const { stdout } = await server.process.exit();
  assert.doesNotMatch(
    stdout,
    /s3cr3t|demo-key|tunnel_token[^,]{0,5}[0-9a-f]{8}/,
  );
  return stdout.split("\n").map((line) => line.slice(27))
    .filter((line) =>
      /^\[\w+\] \[INFO\] (GET|POST|DELETE|CONNECT) /.test(line)
    );
}

async function curl(args: readonly string[]): Promise<void> {
  const { code, stderr } = await run("curl", ["--silent", "-S", ...args]);
  assert.equal(code, 0, stderr);
}

Deno.test({
  ...needs("curl"),
  name:
    "the server logs REST API, page and proxy, and what is inside opened TLS",
  async fn() {
    const lines = await serverLogOf("url");

    for (
      const pattern of [
        URL_LINE,
        / GET http:\/\/[\w.:]+\/gone id=\S+ status=407 /,
        / GET http:\/\/[\w.:]+:1\/gone id=\S+ status=502 /,
        /^\[proxy\] \[INFO\] CONNECT localhost:\d+ id=\S+ status=200 /,
        /^\[proxy\] \[INFO\] GET https:\/\/localhost:\d+\/status\/204 id=\S+\.1 status=204 /,
        /^\[api\] \[INFO\] POST https:\/\/[\w.:]+\/rest\/v1\/demo\/tunnels status=201 /,
        /^\[api\] \[INFO\] GET https:\/\/[\w.:]+\/healthz status=200 /,
      ]
    ) assert(has(lines, pattern), `${pattern} in\n${lines.join("\n")}`);
  },
});

Deno.test({
  ...needs("curl"),
  name: "the server logs the module that is named, credentials hidden",
  async fn() {
    const api = await serverLogOf("api:body");
    const proxy = await serverLogOf("errors,api:none");

    assert(!has(api, /^\[proxy\]/), api.join("\n"));
    assert(has(api, /POST .* request\.authorization=xxxxx .*response\.body=/));
    assert.equal(proxy.length, 1, proxy.join("\n"));
    assert.match(proxy[0] ?? "", / status=502 .* response\.x-sallyport-error=/);
  },
});

Deno.test("errors logs the fields of what failed with 500 or more", async () => {
  const lines = await logOf("errors");

  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(
    lines[0] ?? "",
    /^\[proxy\] \[INFO\] GET http:\/\/[\w.:]+:1\/gone id=\S+ status=502 .*request\.\S+=.* response\.x-sallyport-error=/,
  );
});
