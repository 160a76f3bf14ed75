/**
 * h2spec, the conformance suite for HTTP/2 servers, strict tests included. All
 * of it passes, without a list of exceptions.
 *
 * `go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible`
 */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";
import { CARRIERS } from "../testing/http2_site.ts";
import { startConformanceSite } from "./http2_site.ts";

/** A program that has fewer tests than this is not the one we know. */
const KNOWN_TESTS = 146;

/**
 * For "HEADERS frame that exceeds the SETTINGS_MAX_FRAME_SIZE" h2spec sends five
 * fields of this many bytes and does not look at the size that was announced,
 * which is 64 KiB here: its default of 4000 would be a frame we may take.
 */
const HEADER_LENGTH = 16_000;

for (const carrier of CARRIERS) {
  Deno.test({
    ...needs("h2spec"),
    name: `the server role passes h2spec, strict, over ${carrier}`,
    async fn() {
      await using site = await startConformanceSite(carrier);

      const { stdout } = await run("h2spec", [
        ...["-h", "127.0.0.1", "-p", String(site.port), "--strict"],
        ...["--max-header-length", String(HEADER_LENGTH)],
        ...carrier === "TLS" ? ["--tls", "--insecure"] : [],
      ], { ms: 120_000 });

      const found = /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/
        .exec(stdout);
      const [tests, passed, skipped, failed] = (found ?? []).slice(1)
        .map(Number);
      assert.equal(failed, 0, stdout.slice(stdout.indexOf("Failures:")));
      assert.equal(skipped, 0, stdout);
      assert.equal(passed, tests);
      assert.ok(passed !== undefined && passed >= KNOWN_TESTS, stdout);
    },
  });
}
