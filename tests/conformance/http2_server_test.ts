/** The server role and what others wrote to speak to servers: nghttp, h2load, curl. */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";
import { CARRIERS } from "../testing/http2_site.ts";
import { HELLO, startConformanceSite } from "./http2_site.ts";

/** More than all windows, so that credit has to come. */
const UPLOAD_SIZE = 6_000_000;

/** How long a program may take, in milliseconds. */
const PATIENCE = { ms: 60_000 };

for (const carrier of CARRIERS) {
  const scheme = carrier === "TLS" ? "https" : "http";

  Deno.test({
    ...needs("nghttp"),
    name: `nghttp gets five pages on one connection over ${carrier}`,
    async fn() {
      await using site = await startConformanceSite(carrier);
      const base = `${scheme}://127.0.0.1:${site.port}`;

      const { stdout, stderr } = await run("nghttp", [
        "--no-verify-peer",
        ...["/", "/1", "/1000", "/70000", "/1000000"].map((path) =>
          base + path
        ),
      ], PATIENCE);

      const expected = HELLO.length + 1 + 1000 + 70_000 + 1_000_000;
      assert.equal(stdout.length, expected, stderr);
    },
  });

  Deno.test({
    ...needs("nghttp"),
    name:
      `nghttp gets back what it posts, padded, and trailers over ${carrier}`,
    async fn() {
      await using site = await startConformanceSite(carrier);
      const file = await Deno.makeTempFile();
      try {
        await Deno.writeTextFile(file, "0123456789".repeat(UPLOAD_SIZE / 10));

        const { stdout, stderr } = await run("nghttp", [
          ...["--no-verify-peer", "--data", file, "--padding", "100"],
          ...["--window-bits", "14", "--trailer", "x-sum: 7"],
          ...["--max-concurrent-streams", "7", "--header-table-size", "100"],
          `${scheme}://127.0.0.1:${site.port}/echo`,
        ], PATIENCE);

        assert.equal(stdout.length, UPLOAD_SIZE, stderr);
        assert.equal(stdout, await Deno.readTextFile(file));
      } finally {
        await Deno.remove(file);
      }
    },
  });

  Deno.test({
    ...needs("h2load"),
    name: `h2load finds no request that fails over ${carrier}`,
    async fn() {
      await using site = await startConformanceSite(carrier);

      const { stdout } = await run("h2load", [
        ...["-n", "2000", "-c", "8", "-m", "50"],
        `${scheme}://127.0.0.1:${site.port}/1000`,
      ], PATIENCE);

      assert.match(
        stdout,
        /2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout/,
      );
      assert.match(stdout, /status codes: 2000 2xx/);
    },
  });

  Deno.test({
    ...needs("curl"),
    name: `curl posts and gets the same back over ${carrier}`,
    async fn() {
      await using site = await startConformanceSite(carrier);
      const file = await Deno.makeTempFile();
      try {
        await Deno.writeTextFile(file, "x".repeat(UPLOAD_SIZE));

        const { stdout, stderr } = await run("curl", [
          ...["--silent", "--show-error", "--insecure", "--noproxy", "*"],
          carrier === "TLS" ? "--http2" : "--http2-prior-knowledge",
          ...["--data-binary", `@${file}`, "--write-out", "\n%{http_version}"],
          `${scheme}://127.0.0.1:${site.port}/echo`,
        ], PATIENCE);

        assert.equal(stdout.length, UPLOAD_SIZE + "\n2".length, stderr);
        assert.ok(stdout.endsWith("x\n2"));
      } finally {
        await Deno.remove(file);
      }
    },
  });
}
