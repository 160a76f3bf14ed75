/** The clock of a machine jumps an hour: what runs goes on, and what starts can start. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  beginClientProgram,
  startServerProgram,
  temporaryDirectory,
  untilUp,
} from "../system/programs.ts";
import { get } from "../testing/browser.ts";
import { startOrigin } from "../testing/origin.ts";
import { installed } from "./tools.ts";

const LIBRARY =
  `/usr/lib/${Deno.build.arch}-linux-gnu/faketime/libfaketime.so.1`;

/** Sessions of the client. */
const SESSIONS = 2;

/** What the clock gets, and by how many hours it is ahead then. */
const JUMPS = [["+0", 0], ["+1h", 1], ["-1h", -1], ["+0", 0]] as const;

for (const who of ["server", "client"] as const) {
  Deno.test({
    ...installed("faketime"),
    name: `the clock of the ${who} jumps an hour forward and back`,
    async fn() {
      await using origin = await startOrigin();
      await using folder = await temporaryDirectory();
      const clock = join(folder.path, "clock");
      await Deno.writeTextFile(clock, "+0");
      const env = {
        LD_PRELOAD: LIBRARY,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: "1",
        // Only the time of day jumps: no machine turns its uptime back.
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      };
      const args = ["--log-http=proxy:url"];
      await using server = await startServerProgram(
        who === "server" ? { env, args } : {},
      );
      await using client = await beginClientProgram(
        server,
        who === "client" ? { env, args } : {},
      );
      await untilUp(client.process, SESSIONS);
      const { process } = who === "server" ? server : client;
      const url = `${origin.url}/bytes/5`;
      for (const [at, [offset, hours]] of JUMPS.entries()) {
        await Deno.writeTextFile(clock, offset);
        const { status } = await get(url, server.proxy);
        assert.equal(status, 200, `at ${offset}`);
        await process.event(`GET ${url}`, {}, { count: at + 1 });
        assert.equal(hoursAhead(process.stdout), hours, `at ${offset}`);
      }
      assert.deepEqual(client.process.log.matching("connection lost"), []);
    },
  });

  Deno.test.each(["+1h", "-1h"])(
    `a ${who} starts whose clock is %s wrong`,
    installed("faketime"),
    async (offset) => {
      await using origin = await startOrigin();
      const env = {
        LD_PRELOAD: LIBRARY,
        FAKETIME: offset,
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      };
      await using server = await startServerProgram(
        who === "server" ? { env } : {},
      );
      await using client = await beginClientProgram(
        server,
        who === "client" ? { env } : {},
      );
      await untilUp(client.process, SESSIONS);
      const { status } = await get(`${origin.url}/bytes/5`, server.proxy);
      assert.equal(status, 200);
    },
  );
}

/** By how many hours the last line of a log is ahead of this machine. */
function hoursAhead(log: string): number {
  const line = log.trimEnd().split("\n").at(-1) ?? "";
  const { time } = JSON.parse(line);
  const ahead = Date.parse(time) - Date.now();
  // Not -0.
  return Math.round(ahead / 3_600_000) + 0;
}
