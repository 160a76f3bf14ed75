/**
 * Promise: with `OTEL_DENO=true` an exchange is one trace, from the browser
 * through server and client to the site; without it nothing is made and nothing
 * is touched (`passes_trace_context_test.ts`).
 *
 * @module
 */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import {
  type CollectedSpan,
  OtlpCollector,
} from "../testing/otlp_collector.ts";
import { run } from "../testing/process.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  type ServerProgram,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const BROWSER_SPAN = "b7ad6b7169203331";

/** Asks with a trace of the browser's own; gives what curl prints. */
async function ask(
  { proxyPort, browserCaFile }: ServerProgram,
  args: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await run("curl", [
    ...["--silent", "--show-error", "--cacert", browserCaFile],
    ...["--proxy", `http://127.0.0.1:${proxyPort}`],
    ...["--proxy-user", CREDENTIALS],
    ...["--header", `traceparent: 00-${TRACE}-${BROWSER_SPAN}-01`],
    ...["--header", "tracestate: lab=t61rcWkgMzE"],
    ...args,
  ]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The trace context that the site got. */
function contextIn(
  text: string,
): {
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
} {
  const field = (name: string) =>
    new RegExp(`"${name}","([^"]+)"`, "i").exec(text)?.[1];
  return { traceparent: field("traceparent"), tracestate: field("tracestate") };
}

const ofTrace = ({ traceId }: CollectedSpan) => traceId === TRACE;

for (const scheme of ["http", "https"] as const) {
  Deno.test({
    ...needs("curl"),
    name: `a request over ${scheme} is one trace from the browser to the site`,
    async fn() {
      await using collector = new OtlpCollector();
      await using origin = await startOrigin(scheme);
      await using server = await startServerProgram({
        env: collector.environmentOf("lab-server"),
      });
      await using _client = await startClientProgram(server, {
        env: collector.environmentOf("lab-client"),
        args: ["--tls-resign-domains=all", "--insecure-domains=all"],
      });

      const text = await ask(server, [`${origin.url}/headers?key=s3cr3t`]);

      const spans = await collector.matching(ofTrace, 2);
      const [atServer, atClient] = ["lab-server", "lab-client"].map((name) =>
        spans.find(({ service }) => service === name) ?? assert.fail(name)
      );
      assert.equal(spans.length, 2);
      assert.equal(atServer?.scope, "sallyport server");
      assert.equal(atClient?.scope, "sallyport client");
      assert.equal(atServer.parentSpanId, BROWSER_SPAN);
      assert.equal(atClient.parentSpanId, atServer.spanId);
      assert.deepEqual(contextIn(text), {
        traceparent: `00-${TRACE}-${atClient.spanId}-01`,
        tracestate: "lab=t61rcWkgMzE",
      });
      for (const { name, attributes, status } of spans) {
        const { "sallyport.exchange": id = "", ...others } = attributes;
        assert.equal(name, "GET");
        assert.equal(status.code, 0);
        assert.match(id, /^[0-9a-z.-]+$/);
        assert.deepEqual(others, {
          "http.request.method": "GET",
          "http.response.status_code": "200",
          "server.address": new URL(origin.url).hostname,
          "server.port": `${origin.port}`,
          "url.scheme": scheme,
        });
      }
    },
  });
}

Deno.test({
  ...needs("curl"),
  name:
    "a failure is the client's, a CONNECT is a span too, and what begins here is a trace of its own",
  async fn() {
    await using collector = new OtlpCollector();
    await using origin = await startOrigin();
    await using server = await startServerProgram({
      env: collector.environmentOf("lab-server"),
    });
    await using _client = await startClientProgram(server, {
      env: collector.environmentOf("lab-client"),
      args: ["--http-dial-attempts=1"],
    });

    await ask(server, ["http://127.0.0.1:1/"]);
    const text = await ask(server, [
      "--proxytunnel",
      `${origin.url}/headers`,
    ]);

    const failed = await collector.matching(ofTrace, 2);
    for (const { status, attributes } of failed) {
      assert.equal(status.code, 2);
      assert.equal(attributes["http.response.status_code"], "502");
      assert.equal(attributes["error.type"], "net_dial");
    }
    const connects = await collector.matching(
      ({ name }) => name === "CONNECT",
      2,
    );
    assert.equal(new Set(connects.map(({ traceId }) => traceId)).size, 1);
    assert.notEqual(connects[0]?.traceId, TRACE);
    // What passes in a CONNECT is the browser's and the site's.
    assert.equal(
      contextIn(text).traceparent,
      `00-${TRACE}-${BROWSER_SPAN}-01`,
    );
  },
});
